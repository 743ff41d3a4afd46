// Evaluates an expression of rows for every row of a batch: what derived metrics are made with.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "common/columns/column_batch.h"
#include "common/expression/expression.h"
#include "common/expression/node.h"
#include "common/time/cancellation.h"
#include "compute_service/engine/vector/evaluator.h"

namespace metricstore::compute::vector {

// One value for each row.
struct RowValues {
  // Of the expression's type; NULL where the status is not kOk.
  columns::Column column;
  std::vector<PointStatus> statuses;
};

// The same as points without their starts.
MetricPoints PointsOf(const RowValues& values);

// A compiled expression. Evaluate is const and may run on several threads at once; the same rows
// give the same bits.
class RowEvaluator {
 public:
  // The name of the column that stands for a call, such as one of metric(...) or of an aggregate;
  // "" for a call that is to be computed from its arguments.
  using StandIn = absl::FunctionRef<std::string(const expression::Node& call)>;

  // A stand-in has the type that the schema gives it: beside integers it may be float64, and the
  // other way round (then it is rounded). `root` is not kept. INVALID_ARGUMENT for a column that
  // `schema` has not (EXPRESSION_INVALID), an aggregate, a metric without a stand-in or a function
  // of several rows (NOT_SUPPORTED).
  static absl::StatusOr<std::unique_ptr<const RowEvaluator>> Create(
      const expression::Node& root, const expression::Schema& schema, StandIn stand_in);
  ~RowEvaluator();

  // Columns that Evaluate needs, sorted.
  const std::vector<std::string>& columns() const;

  // Rows in any order, of at least columns(). INVALID_ARGUMENT (BATCH_INVALID) for a missing or
  // wrongly typed column; RESOURCE_EXHAUSTED for texts beyond the budget of an evaluation;
  // CANCELLED / DEADLINE_EXCEEDED by `bounds`.
  absl::StatusOr<RowValues> Evaluate(const columns::ColumnBatch& rows,
                                     const CallBounds& bounds) const;

 private:
  struct Program;
  explicit RowEvaluator(std::unique_ptr<const Program> program);
  std::unique_ptr<const Program> program_;
};

}  // namespace metricstore::compute::vector
