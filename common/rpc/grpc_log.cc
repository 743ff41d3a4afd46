#include "common/rpc/grpc_log.h"

#include <grpc/support/log.h>

#include <string_view>

#include "common/logging/logging.h"

namespace metricstore::rpc {
namespace {

// How the listening socket's end in EndConnections looks to gRPC.
constexpr std::string_view kListeningEnded = "Failed accept4: Invalid argument";

void Write(gpr_log_func_args* line) {
  const std::string_view text = line->message;
  if (text == kListeningEnded) return;
  const bool error = line->severity == GPR_LOG_SEVERITY_ERROR;
  logging::Log(error ? logging::Level::kWarning : logging::Level::kDebug, "grpc",
               {{"text", text}, {"file", line->file}, {"line", line->line}});
}

}  // namespace

void RedirectGrpcLog() { gpr_set_log_function(Write); }

}  // namespace metricstore::rpc
