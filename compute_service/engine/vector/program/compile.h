// Compiles the tasks of a shard into one program.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/expression/expression.h"
#include "common/expression/node.h"
#include "compute_service/engine/vector/program/fold.h"
#include "compute_service/engine/vector/program/lowering.h"
#include "compute_service/engine/vector/program/metric_task.h"
#include "compute_service/engine/vector/program/program.h"

namespace metricstore::compute::vector {

// Rows are ordered by `time_column`. INVALID_ARGUMENT if a task names a column that `schema` has
// not (EXPRESSION_INVALID), or has a function that this executor has not, such as reading other
// metrics (NOT_SUPPORTED).
absl::StatusOr<Program> Compile(const std::vector<MetricTask>& tasks,
                                const expression::Schema& schema, const std::string& time_column);

// Compiles an expression of rows: the program's row_root. Errors as Compile.
absl::StatusOr<Program> CompileRows(const expression::Node& root, StandIn stand_in,
                                    const expression::Schema& schema);

// Compiles folds of columns over the rows that pass all filters, for buckets that the execution
// brings: list 0. The roots of the one group are the folds, in their order. INVALID_ARGUMENT as
// Compile, and (NOT_SUPPORTED) for a column that cannot be folded so.
absl::StatusOr<Program> CompileFolds(
    const std::vector<std::shared_ptr<const expression::BoundExpression>>& filters,
    const std::vector<ColumnFold>& folds, const expression::Schema& schema);

}  // namespace metricstore::compute::vector
