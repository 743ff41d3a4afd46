// Aggregates that the ranks of a column answer, which all windows of a filter set share.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "compute_service/engine/vector/execution/vector_store.h"
#include "compute_service/engine/vector/kernels/ranks/rank_answers.h"
#include "compute_service/engine/vector/kernels/ranks/sliding_ranks.h"
#include "compute_service/engine/vector/kernels/ranks/value_ranks.h"
#include "compute_service/engine/vector/layout/slices.h"
#include "compute_service/engine/vector/program/program.h"

namespace metricstore::compute::vector {

// Distinct counts and quantiles of a column as it is: its rows are ranked once, and counts of ranks
// slide over them from bucket to bucket. No slice of the column is needed.
//
// A window that reaches has a column ranked; others use ranks that are there. Answers are the same
// bits as those of AggregateCalls. What it is made from must outlive it. Not thread-safe.
class ColumnAggregates {
 public:
  ColumnAggregates(const Program& program, const VectorStore& store)
      : program_(program), store_(store) {}

  // Starts a filter set, whose columns are in the store and have `rows` rows.
  void Enter(size_t rows);

  // Computes an aggregate, one element for each bucket of `rows`, or does nothing and says so.
  bool Run(ValueId id, const BucketRows& rows, Operand* out);

 private:
  // The column whose ranks answer the question, or kNoValue.
  ValueId RankedColumn(ValueId id, const RankQuestion& question) const;
  // nullptr unless the column is ranked or `ranks` says to do it.
  const ValueRanks* RanksOf(ValueId column, bool ranks);
  // Makes the window that of other positions.
  void Slide(RowRange from, RowRange to, const BucketRows& rows);

  const Program& program_;
  const VectorStore& store_;
  size_t rows_ = 0;
  ValueRanker ranker_;
  absl::flat_hash_map<ValueId, std::unique_ptr<ValueRanks>> ranks_;  // of columns
  SlidingRanks window_;
  std::vector<RowRange> pieces_;
};

}  // namespace metricstore::compute::vector
