// The distinct texts of one evaluation, each with a code.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"

namespace metricstore::compute::vector {

// Equal texts have equal codes; the empty text, which NULL rows have, is 0. Views stay valid as
// long as the pool. Not thread-safe.
class TextPool {
 public:
  // Of one text that is computed of a row, and of all texts together with what each costs.
  static constexpr size_t kMaxRowTextBytes = size_t{1} << 20;
  static constexpr size_t kMaxBytes = size_t{256} << 20;

  TextPool() { CodeOf(""); }
  TextPool(const TextPool&) = delete;
  TextPool& operator=(const TextPool&) = delete;

  uint32_t CodeOf(std::string_view text) {
    const auto found = codes_.find(text);
    if (found != codes_.end()) return found->second;
    const auto code = static_cast<uint32_t>(texts_.size());
    codes_.emplace(texts_.emplace_back(text), code);
    bytes_ += text.size() + kTextOverheadBytes;
    return code;
  }
  // The code of a text that is too large to be made. The evaluation fails.
  uint32_t Refuse() {
    bytes_ = kMaxBytes + 1;
    return 0;
  }
  // Whether the budget is spent: the evaluation ends with RESOURCE_EXHAUSTED.
  bool is_exhausted() const { return bytes_ > kMaxBytes; }
  std::string_view operator[](uint32_t code) const { return texts_[code]; }
  size_t size() const { return texts_.size(); }

 private:
  static constexpr size_t kTextOverheadBytes = 64;

  std::deque<std::string> texts_;
  size_t bytes_ = 0;
  absl::flat_hash_map<std::string_view, uint32_t> codes_;
};

}  // namespace metricstore::compute::vector
