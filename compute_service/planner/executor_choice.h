// Which executor evaluates a metric.
#pragma once

#include <string>

#include "compute_service/definition/definitions.h"

namespace metricstore::compute {

// Values equal those of the proto enum metricstore.compute.v1.Executor.
enum class Executor {
  kVector = 1,  // kernels over the sorted rows of one entity
  kSql = 2      // a whole SELECT; not run by this release
};

struct ExecutorChoice {
  Executor executor = Executor::kVector;
  std::string reason;  // a sentence
};

ExecutorChoice ChooseExecutor(const MetricDefinition& metric);

}  // namespace metricstore::compute
