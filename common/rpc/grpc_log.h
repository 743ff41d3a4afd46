// What gRPC itself has to say, as log lines of ours.
#pragma once

namespace metricstore::rpc {

// From here on gRPC's errors are log lines like all others; what it says below that level depends
// on GRPC_VERBOSITY. For the whole process; may be called again.
void RedirectGrpcLog();

}  // namespace metricstore::rpc
