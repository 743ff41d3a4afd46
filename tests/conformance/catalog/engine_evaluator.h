// Runs metric tests with the real engine, without a service between.
#pragma once

#include <vector>

#include "registry_service/catalog/store/metric_test_runner.h"

namespace metricstore::registry {

// Thread-safe.
class EngineEvaluator final : public RowEvaluator {
 public:
  absl::StatusOr<std::vector<EvaluatedRows>> Evaluate(const std::vector<RowEvaluation>& evaluations,
                                                      const CallBounds& bounds) override;
};

}  // namespace metricstore::registry
