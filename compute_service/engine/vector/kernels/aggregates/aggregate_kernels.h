// Aggregates over contiguous ranges of rows.
#pragma once

#include <span>

#include "compute_service/engine/vector/kernels/loops/operand.h"
#include "compute_service/engine/vector/program/program.h"

namespace metricstore::compute::vector {

// Computes elements [first, first + ranges.size()) of `out`, one for each range. arguments[0] is a
// vector of rows, the others are vectors of buckets like `out`, whose `valid` has a byte for each.
// Ranges are not empty. The same rows give the same bits, wherever they lie.
using AggregateKernel = void (*)(const Operand* arguments, std::span<const RowRange> ranges,
                                 size_t first, Operand* out);

// The kernel of an aggregate whose argument has type `type`; see AggregateCalls for kAggregateCall.
AggregateKernel KernelOfAggregate(Op op, ValueType type);

}  // namespace metricstore::compute::vector
