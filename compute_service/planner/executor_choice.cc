#include "compute_service/planner/executor_choice.h"

namespace metricstore::compute {

ExecutorChoice ChooseExecutor(const MetricDefinition& metric) {
  if (metric.expression.empty()) {
    return {Executor::kSql,
            "It is a whole SELECT, which the SQL executor is for; this release does not run it."};
  }
  if (metric.dataset.empty()) {
    return {Executor::kVector,
            "It reads other metrics alone: their points are lined up by bucket, and the vector "
            "executor computes the expression over them."};
  }
  return {Executor::kVector,
          "It has an expression, and the vector executor runs all functions of expressions."};
}

}  // namespace metricstore::compute
