// Runs the tasks of one filter set and one bucket list: from rows to one value a bucket.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "common/time/cancellation.h"
#include "compute_service/engine/vector/execution/bucket_heads.h"
#include "compute_service/engine/vector/execution/column_aggregates.h"
#include "compute_service/engine/vector/execution/overlap_aggregates.h"
#include "compute_service/engine/vector/execution/pass_runner.h"
#include "compute_service/engine/vector/execution/vector_store.h"
#include "compute_service/engine/vector/kernels/aggregates/aggregate_calls.h"
#include "compute_service/engine/vector/layout/slices.h"
#include "compute_service/engine/vector/program/program.h"

namespace metricstore::compute::vector {

// The store has the columns of the filter set. What it is made from must outlive it. Not
// thread-safe.
class GroupRunner {
 public:
  GroupRunner(const Program& program, const BucketGroup& group, const EvaluationTexts& texts,
              VectorStore* store, ColumnAggregates* columns, AggregateCalls* calls);

  // Leaves the group's roots in the store, one element for each bucket of `rows`. CANCELLED /
  // DEADLINE_EXCEEDED by `bounds`.
  absl::Status Run(const BucketRows& rows, const CallBounds& bounds);
  // Frees what the group has in the store.
  void Release();

 private:
  void AllocateAggregates(size_t buckets);
  // Leaves in run_aggregates_ those that the ranks of columns do not answer.
  absl::Status AggregateColumns(const BucketRows& rows, const CallBounds& bounds);
  absl::Status RunBuckets(const BucketRun& run, const CallBounds& bounds);
  void SliceColumns(const BucketRun& run);
  // Aggregates `ranges`, which are those of buckets from `first` on.
  absl::Status Aggregate(ValueId id, std::span<const RowRange> ranges, size_t first,
                         const CallBounds& bounds);
  void AggregateValue(ValueId id, std::span<const RowRange> ranges, size_t first);
  AggregateCall CallOf(const Value& value) const;
  absl::Status AggregateShared(const BucketRun& run, const CallBounds& bounds);
  absl::Status AggregateLagged(std::span<const RowRange> ranges, size_t first,
                               const CallBounds& bounds);
  absl::Status AggregateWithHeads(const BucketRun& run, const CallBounds& bounds);

  const Program& program_;
  const BucketGroup& group_;
  const EvaluationTexts& texts_;
  VectorStore& store_;
  ColumnAggregates& columns_;
  AggregateCalls& calls_;
  std::vector<PassRunner> passes_;
  std::vector<ValueId> run_aggregates_;
  PassRunner bucket_pass_;
  std::optional<BucketHeads> heads_;           // once buckets that overlap look around
  std::optional<OverlapAggregates> overlaps_;  // where the window reaches
};

}  // namespace metricstore::compute::vector
