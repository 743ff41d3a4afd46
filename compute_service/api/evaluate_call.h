// Evaluate from message to messages.
#pragma once

#include "absl/status/status.h"
#include "common/rpc/call.h"
#include "common/time/cancellation.h"
#include "compute_service/registry_client/registry_client.h"
#include "metricstore/compute/v1/compute_service.pb.h"

namespace metricstore::compute {

// Streams the points of the request's metrics. Errors as the service says: INVALID_ARGUMENT told by
// the request's fields, those of the registry, of the writer, and by `bounds`. Thread-safe.
absl::Status Evaluate(RegistryClient& registry, const v1::EvaluateRequest& request,
                      const CallBounds& bounds, rpc::StreamWriter<v1::EvaluateResponse>& writer);

}  // namespace metricstore::compute
