// EvaluateRows from message to message.
#pragma once

#include "absl/status/status.h"
#include "common/time/cancellation.h"
#include "metricstore/compute/v1/compute_service.pb.h"

namespace metricstore::compute {

// Fills a result for each evaluation, in order. INVALID_ARGUMENT (FIELD_REQUIRED, FIELD_INVALID)
// for a request that cannot be understood, RESOURCE_EXHAUSTED (TOO_LARGE, metadata limit_bytes) for
// one, or for results, above 4 MiB; CANCELLED, DEADLINE_EXCEEDED by `bounds`, checked between
// evaluations. Thread-safe.
absl::Status EvaluateRows(const v1::EvaluateRowsRequest& request, const CallBounds& bounds,
                          v1::EvaluateRowsResponse* response);

}  // namespace metricstore::compute
