// Runs the tasks of one filter set and one bucket list: from rows to one value a bucket.
#pragma once

#include <span>
#include <vector>

#include "absl/status/status.h"
#include "common/time/cancellation.h"
#include "compute_service/engine/vector/bucket_heads.h"
#include "compute_service/engine/vector/gathering_aggregates.h"
#include "compute_service/engine/vector/pass_runner.h"
#include "compute_service/engine/vector/program.h"
#include "compute_service/engine/vector/slices.h"
#include "compute_service/engine/vector/vector_store.h"

namespace metricstore::compute::vector {

// The store has the columns of the filter set. What it is made from must outlive it. Not
// thread-safe.
class GroupRunner {
 public:
  GroupRunner(const Program& program, const BucketGroup& group, const TextAnswers& answers,
              VectorStore* store, GatheringAggregates* gathering);

  // Leaves the group's roots in the store, one element for each bucket of `rows`. CANCELLED /
  // DEADLINE_EXCEEDED by `bounds`.
  absl::Status Run(const BucketRows& rows, const CallBounds& bounds);
  // Frees what the group has in the store.
  void Release();

 private:
  void AllocateAggregates(size_t buckets);
  absl::Status RunBuckets(const BucketRun& run, const CallBounds& bounds);
  void SliceColumns(const BucketRun& run);
  // Aggregates `ranges`, which are those of buckets from `first` on.
  absl::Status Aggregate(std::span<const ValueId> ids, std::span<const RowRange> ranges,
                         size_t first, const CallBounds& bounds);
  void AggregateValue(ValueId id, std::span<const RowRange> ranges, size_t first);
  absl::Status AggregateWithHeads(const BucketRun& run, const CallBounds& bounds);

  const Program& program_;
  const BucketGroup& group_;
  VectorStore& store_;
  GatheringAggregates& gathering_;
  std::vector<PassRunner> passes_;
  PassRunner bucket_pass_;
  BucketHeads heads_;
};

}  // namespace metricstore::compute::vector
