// absl::Status to and from grpc::Status, details included (google.rpc.Status in the trailers).
#pragma once

#include <grpcpp/support/status.h>

#include "absl/status/status.h"

namespace metricstore::rpc {

// Details travel as google.rpc.{ErrorInfo,BadRequest,RetryInfo} in google.rpc.Status; an error
// without a reason becomes reason INTERNAL for code INTERNAL/UNKNOWN. `trace_id`, if not empty, is
// added to ErrorInfo.metadata["trace_id"].
grpc::Status ToGrpc(const absl::Status& status, const std::string& trace_id = "");

// The inverse: status::DetailsOf finds reason, metadata, violations and retry delay again.
absl::Status FromGrpc(const grpc::Status& status);

}  // namespace metricstore::rpc
