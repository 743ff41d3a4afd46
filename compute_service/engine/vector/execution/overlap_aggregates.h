// Aggregates the buckets of windows that reach beyond them, where many buckets share rows.
#pragma once

#include <cstdint>
#include <span>

#include "compute_service/engine/vector/execution/vector_store.h"
#include "compute_service/engine/vector/kernels/loops/operand.h"
#include "compute_service/engine/vector/kernels/ranks/sliding_ranks.h"
#include "compute_service/engine/vector/kernels/ranks/value_ranks.h"
#include "compute_service/engine/vector/layout/slices.h"
#include "compute_service/engine/vector/program/program.h"

namespace metricstore::compute::vector {

// Distinct counts and quantiles of values that are computed by row: counts of ranks slide from
// bucket to bucket, so that a bucket costs little more than the rows that the one before it has
// not.
//
// All buckets of a window that reaches are aggregated so, even one alone: which way is taken
// follows from the definition, so that results do not depend on which buckets are asked for. What
// it is made from must outlive it. Not thread-safe.
class OverlapAggregates {
 public:
  OverlapAggregates(const Program& program, const VectorStore& store)
      : program_(program), store_(store) {}

  // Starts a run, which must stay, and forgets the one before.
  void Enter(const BucketRun& run);

  // Computes elements [first, first + ranges.size()) of an aggregate, which are those of buckets of
  // the run, or does nothing and says so: it is for others.
  bool RunRanked(ValueId id, std::span<const RowRange> ranges, size_t first, Operand* out);

 private:
  // Makes the window that of other rows.
  void Slide(RowRange from, RowRange to);
  const ValueRanks& RanksOf(ValueId id);

  const Program& program_;
  const VectorStore& store_;
  const BucketRun* run_ = nullptr;
  // Of the vector that was ranked last: the next aggregate often reads it too.
  ValueId ranked_ = kNoValue;
  ValueRanker ranker_;
  ValueRanks ranks_;
  SlidingRanks window_;
};

}  // namespace metricstore::compute::vector
