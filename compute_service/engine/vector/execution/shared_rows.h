// Folds the rows that the bucket lists of a filter set show, once for all of them.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "common/time/cancellation.h"
#include "compute_service/engine/vector/execution/evaluation_texts.h"
#include "compute_service/engine/vector/execution/pass_runner.h"
#include "compute_service/engine/vector/execution/vector_store.h"
#include "compute_service/engine/vector/kernels/parts/part_folds.h"
#include "compute_service/engine/vector/layout/row_layout.h"
#include "compute_service/engine/vector/program/program.h"

namespace metricstore::compute::vector {

// A session, its first half hour, the last 20 sessions and the month to date are made of the same
// rows: what is computed by row, and the sums, extremes and the like of small parts of them (see
// TimeLeaves), are needed once. Each window's buckets are then joined from parts, at a cost that
// does not depend on how many rows or windows share them. The first rows of a bucket differ where
// values look back: see SharedLayout.
//
// Rows are computed a chunk at a time, and a value is folded as soon as it is there; what remains
// are the results of parts: 8 to 40 bytes for each part and fold. What it is made from must outlive
// it. Not thread-safe.
class SharedRows {
 public:
  // The store has the columns of the filter set.
  // `work` is one of the filter's.
  SharedRows(const Program& program, const FilterGroup& filter, size_t work,
             const EvaluationTexts& texts, VectorStore* store);

  // Folds those layouts that are of the work, and leaves the aggregates of their groups in the
  // store, one element for each bucket. CANCELLED / DEADLINE_EXCEEDED by `bounds`;
  // RESOURCE_EXHAUSTED for texts beyond the budget.
  absl::Status Run(std::span<const RowLayout::Shared> layouts, const CallBounds& bounds);

 private:
  // Of one layout. Folds that its groups do not use are nullptr.
  struct Folded {
    const RowLayout::Shared& shared;
    std::vector<std::unique_ptr<PartFold>> folds;
    std::vector<std::vector<PartFold*>> folds_of;  // by the value that they fold
  };

  void MakeFolds(Folded* folded) const;
  absl::Status Fold(Folded* folded, const CallBounds& bounds);
  absl::Status FoldRows(Folded* folded, const CallBounds& bounds);
  absl::Status FoldChunk(const Folded& folded, const SharedLayout::Chunk& chunk,
                         const CallBounds& bounds);
  // Finds what the chunk's vectors are made of.
  void FindSources(const SharedLayout& layout, const SharedLayout::Chunk& chunk);
  void SliceColumns(size_t rows);
  void Emit(const Folded& folded, size_t fold);
  // Calls `call` with each use that the group makes of the work.
  template <typename Call>
  void ForEachUse(size_t group, const Call& call) const;

  const Program& program_;
  const FilterGroup& filter_;
  const size_t work_number_;
  const SharedWork& work_;
  VectorStore& store_;
  std::vector<PassRunner> passes_;
  std::vector<RowRange> sources_;    // of the present chunk
  std::vector<RowRange> stretches_;  // of its vectors
};

}  // namespace metricstore::compute::vector
