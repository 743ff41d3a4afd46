// The first rows of buckets that overlap, as each of them sees them.
#pragma once

#include <vector>

#include "absl/status/status.h"
#include "common/time/cancellation.h"
#include "compute_service/engine/vector/execution/pass_runner.h"
#include "compute_service/engine/vector/execution/vector_store.h"
#include "compute_service/engine/vector/kernels/loops/operand.h"
#include "compute_service/engine/vector/program/program.h"

namespace metricstore::compute::vector {

// Of aggregates that are not joined from parts (see SharedRows). A lag sees nothing before its
// bucket, so values that look back differ from bucket to bucket in a bucket's first rows, and only
// there; those that look ahead or run on differ in all. These rows are computed for each bucket and
// stand in for the shared ones while it is aggregated. What it is
// made from must outlive it. Not thread-safe.
class BucketHeads {
 public:
  BucketHeads(const Program& program, const BucketGroup& group, const EvaluationTexts& texts,
              VectorStore* rows);
  BucketHeads(const BucketHeads&) = delete;
  BucketHeads& operator=(const BucketHeads&) = delete;

  // Puts the head of `bucket`, a range of the store's rows, in its place. `rows` is how many there
  // are. CANCELLED / DEADLINE_EXCEEDED by `bounds`.
  absl::Status Enter(RowRange bucket, size_t rows, const CallBounds& bounds);
  // Puts back what Enter replaced.
  void Leave() { Swap(); }

 private:
  void FindLagged();
  void Swap();

  const Program& program_;
  const BucketGroup& group_;
  VectorStore& rows_;
  VectorStore heads_;
  std::vector<PassRunner> passes_;  // into heads_
  std::vector<ValueId> lagged_;     // what aggregates read of the passes
  RowRange head_;
};

}  // namespace metricstore::compute::vector
