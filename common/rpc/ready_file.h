// The file that tells a supervisor where a started process listens.
#pragma once

#include <string>

#include "absl/status/status.h"

namespace metricstore::rpc {

// Writes {"grpc": PORT, "metrics": PORT, "pid": N} in one step. FAILED_PRECONDITION if it cannot.
absl::Status WriteReadyFile(const std::string& path, int grpc_port, int metrics_port);

}  // namespace metricstore::rpc
