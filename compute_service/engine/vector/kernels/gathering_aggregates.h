// Aggregates that need all values of a bucket at once: distinct counts and medians.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "compute_service/engine/vector/operand.h"
#include "compute_service/engine/vector/program.h"

namespace metricstore::compute::vector {

// Computes elements [first, first + ranges.size()) of `out` like an AggregateKernel. Its memory is
// that of the largest bucket and of the largest dictionary, and is used again. Not thread-safe.
class GatheringAggregates {
 public:
  // Distinct values of `column`, NULL left out, as int64. Zeroes are equal, whatever their sign,
  // and so are all NaN; texts are equal where their codes are.
  void CountDistinct(const Operand& column, ValueType type, std::span<const RowRange> ranges,
                     size_t first, Operand* out);
  // The middle one of the doubles of `column`, or the mean of the two in the middle; NULL left out,
  // NULL without any. NaN counts as greater than every number.
  void Median(const Operand& column, std::span<const RowRange> ranges, size_t first, Operand* out);

 private:
  int64_t DistinctReals(const Operand& column, RowRange range);
  int64_t DistinctIntegers(const Operand& column, RowRange range);
  int64_t DistinctCodes(const Operand& column, RowRange range);

  std::vector<double> reals_;
  std::vector<int64_t> integers_;
  // For each code of a text the number of the range that had it last, so that nothing needs to be
  // cleared between ranges.
  std::vector<uint32_t> last_range_of_;
  uint32_t range_number_ = 0;
};

}  // namespace metricstore::compute::vector
