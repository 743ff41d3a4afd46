// Aggregates the buckets of windows that reach beyond them, where many buckets share rows.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "compute_service/engine/vector/execution/vector_store.h"
#include "compute_service/engine/vector/kernels/loops/operand.h"
#include "compute_service/engine/vector/kernels/parts/overlap_folds.h"
#include "compute_service/engine/vector/kernels/parts/time_leaves.h"
#include "compute_service/engine/vector/kernels/ranks/sliding_ranks.h"
#include "compute_service/engine/vector/kernels/ranks/value_ranks.h"
#include "compute_service/engine/vector/layout/slices.h"
#include "compute_service/engine/vector/program/program.h"

namespace metricstore::compute::vector {

// Aggregates that are not of shared rows (see SharedRows) nor of columns (see ColumnAggregates).
// Distinct counts and quantiles are counts
// of ranks that slide from bucket to bucket; sums and the like of values that look back are joined
// from leaves, but for a bucket's first rows. Either way a bucket costs little more
// than the rows that the one before it has not.
//
// All buckets of a window that reaches are aggregated so, even one alone: which way is taken
// follows from the definition, so that results do not depend on which buckets are asked for. What
// it is made from must outlive it. Not thread-safe.
class OverlapAggregates {
 public:
  OverlapAggregates(const Program& program, const VectorStore& store)
      : program_(program), store_(store) {}

  // Starts a run, which must stay, and forgets the one before.
  void Enter(const BucketRows& rows, const BucketRun& run);

  // Computes elements [first, first + ranges.size()) of an aggregate, which are those of buckets of
  // the run, or does nothing and says so: it is for others.
  bool RunRanked(ValueId id, std::span<const RowRange> ranges, size_t first, Operand* out);
  // The same for buckets whose first `own_rows` rows have values of their own; the other rows of
  // the run stay as they are from call to call.
  bool RunFold(ValueId id, size_t own_rows, std::span<const RowRange> ranges, size_t first,
               Operand* out);

 private:
  const TimeLeaves& Leaves();
  const ValueRanks& RanksOf(ValueId id);
  ValueType ArgumentType(const Value& value) const;

  const Program& program_;
  const VectorStore& store_;
  const BucketRows* rows_ = nullptr;
  const BucketRun* run_ = nullptr;
  std::optional<TimeLeaves> leaves_;                                  // of the run
  absl::flat_hash_map<ValueId, std::unique_ptr<OverlapFold>> folds_;  // of those with own rows
  // Of the vector that was ranked last: the next aggregate often reads it too.
  ValueId ranked_ = kNoValue;
  ValueRanker ranker_;
  ValueRanks ranks_;
  SlidingRanks window_;
};

}  // namespace metricstore::compute::vector
