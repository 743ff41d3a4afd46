// Lists as JSON: the texts that vectors are stored and served as.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "common/columns/column_batch.h"

namespace metricstore::compute::vector {

// Where a vector has an element that is not finite, this stands for all of it: no list has this
// text.
inline constexpr std::string_view kNotFiniteVector = "NaN";

// Longer texts of aggregates are cut off here: a list of that length is too large for a point.
inline constexpr size_t kMaxListBytes = 64 * 1024;

// Writes one list after the other: "[1,2.5]". Numbers are the shortest digits that read back to the
// same double, zero has no sign; instants and dates are ISO 8601. Its memory is used again. Not
// thread-safe.
class VectorText {
 public:
  void Start() {
    text_.assign(1, '[');
    is_finite_ = true;
  }
  void Add(double value);
  // Of kInt64, kTimestamp or kDate.
  void Add(int64_t value, columns::ColumnType type);
  void Add(bool value);
  void Add(std::string_view text);
  // Whether what is added shows no more.
  bool is_full() const { return !is_finite_ || text_.size() > kMaxListBytes; }
  // Valid until the next Start: the list, kNotFiniteVector, or more than kMaxListBytes.
  std::string_view Finish();

 private:
  void Separate();

  std::string text_;
  bool is_finite_ = true;
};

}  // namespace metricstore::compute::vector
