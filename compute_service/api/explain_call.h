// ExplainMetric from message to message.
#pragma once

#include "absl/status/status.h"
#include "common/time/cancellation.h"
#include "compute_service/registry_client/registry_client.h"
#include "metricstore/compute/v1/compute_service.pb.h"

namespace metricstore::compute {

// Errors as ExplainPoint, and FIELD_REQUIRED, FIELD_INVALID for a request that cannot be
// understood. Thread-safe.
absl::Status ExplainMetric(RegistryClient& registry, const v1::ExplainMetricRequest& request,
                           const CallBounds& bounds, v1::ExplainMetricResponse* response);

}  // namespace metricstore::compute
