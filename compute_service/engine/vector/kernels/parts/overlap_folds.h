// Aggregates of buckets that share rows, but not all of their values: leaves, and halves of
// buckets, are folded once for all buckets in which they have the same values.
#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "compute_service/engine/vector/kernels/loops/operand.h"
#include "compute_service/engine/vector/kernels/parts/time_leaves.h"
#include "compute_service/engine/vector/program/program.h"

namespace metricstore::compute::vector {

// One aggregate of one vector: the same results as of a PartFold. Not thread-safe.
class OverlapFold {
 public:
  // For rows of `leaves`, which must outlive it. nullptr for operations that are not folded so.
  static std::unique_ptr<OverlapFold> Create(Op op, ValueType type, const TimeLeaves& leaves);
  virtual ~OverlapFold() = default;

  // Computes elements [first, first + ranges.size()) of `out` like an AggregateKernel. The first
  // `own_rows` rows of each range have values that are this bucket's own; others stay as they are
  // from call to call.
  virtual void Run(const Operand& column, std::span<const RowRange> ranges, size_t own_rows,
                   size_t first, Operand* out) = 0;
};

}  // namespace metricstore::compute::vector
