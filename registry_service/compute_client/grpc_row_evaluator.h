// Evaluates rows by asking compute_service.
#pragma once

#include <memory>
#include <string>

#include "absl/time/time.h"
#include "registry_service/catalog/store/metric_test_runner.h"

namespace metricstore::registry {

// Where compute_service is.
struct ComputeTarget {
  std::string target;  // "dns:///compute:50052", "127.0.0.1:50052"; "" if there is none
  absl::Duration timeout = absl::Seconds(10);  // of one call
};

// Thread-safe. Connects at the first call. Without a target every call is UNAVAILABLE
// (COMPUTE_UNAVAILABLE).
class GrpcRowEvaluator final : public RowEvaluator {
 public:
  explicit GrpcRowEvaluator(ComputeTarget target);
  ~GrpcRowEvaluator() override;

  absl::StatusOr<std::vector<EvaluatedRows>> Evaluate(const std::vector<RowEvaluation>& evaluations,
                                                      const CallBounds& bounds) override;

 private:
  struct Connection;
  std::unique_ptr<Connection> connection_;
};

}  // namespace metricstore::registry
