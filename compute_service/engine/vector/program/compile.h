// Compiles the tasks of a shard into one program.
#pragma once

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "common/expression/expression.h"
#include "compute_service/engine/vector/evaluator.h"
#include "compute_service/engine/vector/fold.h"
#include "compute_service/engine/vector/program.h"

namespace metricstore::compute::vector {

// INVALID_ARGUMENT if a task names a column that `schema` has not (EXPRESSION_INVALID), reads other
// metrics, or mixes texts of several columns (NOT_SUPPORTED).
absl::StatusOr<Program> Compile(const std::vector<MetricTask>& tasks,
                                const expression::Schema& schema);

// Compiles folds of columns over the rows that pass all filters, for buckets that the execution
// brings: list 0. The roots of the one group are the folds, in their order. INVALID_ARGUMENT as
// Compile, and (NOT_SUPPORTED) for a column that cannot be folded so.
absl::StatusOr<Program> CompileFolds(
    const std::vector<std::shared_ptr<const expression::BoundExpression>>& filters,
    const std::vector<ColumnFold>& folds, const expression::Schema& schema);

}  // namespace metricstore::compute::vector
