#include "compute_service/engine/vector/execution/text_memo.h"

#include <cstddef>
#include <cstring>

#include "compute_service/engine/vector/kernels/loops/row_validity.h"

namespace metricstore::compute::vector {

void TextMemo::Run(const Operand& codes, size_t rows, size_t code_count, Compute compute,
                   Operand* out) {
  if (known_.size() < code_count) {
    known_.resize(code_count);
    results_.resize(code_count * element_bytes_);
  }
  Learn(codes, rows, compute);
  switch (element_bytes_) {
    case 8:
      return Recall<uint64_t>(codes, rows, out);
    case 4:
      return Recall<uint32_t>(codes, rows, out);
    default:
      return Recall<uint8_t>(codes, rows, out);
  }
}

void TextMemo::Learn(const Operand& codes, size_t rows, Compute compute) {
  asked_.clear();
  const uint32_t* const code = codes.as<uint32_t>();
  for (size_t i = 0; i < rows; ++i) {
    if (known_[code[i]] != kUnknown || (codes.valid != nullptr && codes.valid[i] == 0)) continue;
    known_[code[i]] = kAsked;
    asked_.push_back(code[i]);
  }
  if (asked_.empty()) return;
  answers_.resize(asked_.size() * element_bytes_);
  answers_valid_.resize(asked_.size());
  Operand made{.values = answers_.data(), .valid = answers_valid_.data()};
  compute({.values = asked_.data()}, &made, asked_.size());
  for (size_t i = 0; i < asked_.size(); ++i) {
    known_[asked_[i]] = made.valid == nullptr || made.valid[i] != 0 ? kValue : kNull;
    std::memcpy(results_.data() + asked_[i] * element_bytes_,
                made.as<std::byte>() + i * element_bytes_, element_bytes_);
  }
}

// The results of NULL codes are not known: a NULL row's code is that of the empty text.
template <typename T>
void TextMemo::Recall(const Operand& codes, size_t rows, Operand* out) const {
  const uint32_t* const code = codes.as<uint32_t>();
  const T* const results = reinterpret_cast<const T*>(results_.data());
  T* const r = out->as<T>();
  for (size_t i = 0; i < rows; ++i) {
    r[i] = results[code[i]];
    out->valid[i] = known_[code[i]] == kValue ? 1 : 0;
  }
  if (codes.valid != nullptr) {
    for (size_t i = 0; i < rows; ++i) out->valid[i] &= codes.valid[i];
  }
  ZeroNulls<T>(*out, rows);
  DropFullMask(out, rows);
}

}  // namespace metricstore::compute::vector
