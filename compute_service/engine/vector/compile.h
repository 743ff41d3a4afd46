// Compiles the tasks of a shard into one program.
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "common/expression/expression.h"
#include "compute_service/engine/vector/evaluator.h"
#include "compute_service/engine/vector/program.h"

namespace metricstore::compute::vector {

// INVALID_ARGUMENT if a task names a column that `schema` has not (EXPRESSION_INVALID), reads other
// metrics, or mixes texts of several columns (NOT_SUPPORTED).
absl::StatusOr<Program> Compile(const std::vector<MetricTask>& tasks,
                                const expression::Schema& schema);

}  // namespace metricstore::compute::vector
