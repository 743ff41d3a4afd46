// The rows of a bucket that an aggregate reads: those on which none of its arguments is NULL.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "compute_service/engine/vector/kernels/aggregates/distinct_values.h"
#include "compute_service/engine/vector/kernels/loops/operand.h"
#include "compute_service/engine/vector/program/program.h"

namespace metricstore::compute::vector {

// An argument of an aggregate.
struct AggregateArgument {
  Operand rows;
  ValueType type = ValueType::kFloat64;
};

// Values end to end, of up to two arguments.
struct PresentRows {
  size_t rows = 0;
  const void* columns[2] = {nullptr, nullptr};

  template <typename T>
  std::span<const T> of(size_t argument) const {
    return {static_cast<const T*>(columns[argument]), rows};
  }
};

// Finds them. What it gives is valid until the next call; where nothing is left out it lies in the
// vectors themselves. Memory is that of the largest bucket and is used again. Not thread-safe.
class RowGathering {
 public:
  // `distinct` must outlive it; others may use it between calls.
  explicit RowGathering(DistinctValues* distinct) : distinct_(distinct) {}

  // `is_distinct` leaves out rows on which the first argument has a value that it had before.
  PresentRows Gather(std::span<const AggregateArgument> arguments, RowRange range,
                     bool is_distinct);
  // Makes integers of the first argument doubles, in place of them.
  void Widen(PresentRows* rows);

 private:
  void SelectPresent(std::span<const AggregateArgument> arguments, RowRange range);
  void SelectDistinct(const AggregateArgument& argument, RowRange range);
  template <typename T>
  void SelectFirstOccurrences(const T* values);
  const void* Copy(const AggregateArgument& argument, RowRange range, size_t index);

  std::vector<uint32_t> selection_;  // rows of the range
  std::vector<std::byte> copies_[2];
  std::vector<double> widened_;
  DistinctValues* distinct_;
};

}  // namespace metricstore::compute::vector
