// registry_service: keeps definitions, raw rows, results and jobs in PostgreSQL, and serves them.
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>

#include "common/logging/logging.h"
#include "common/rpc/service_program.h"
#include "common/status/macros.h"
#include "registry_service/app/registry_app.h"
#include "registry_service/app/registry_config.h"

namespace metricstore::registry {
namespace {

absl::StatusOr<rpc::DrainService> Start(const RegistryConfig& config) {
  const auto fatal = std::make_shared<std::atomic<bool>>(false);
  ASSIGN_OR_RETURN(std::shared_ptr<RegistryApp> app, RegistryApp::Start(config, [fatal] {
                     *fatal = true;
                     kill(getpid(), SIGTERM);
                   }));
  return [app = std::move(app), fatal](absl::Duration grace) {
    app->Drain(grace);
    if (app->abandoned_calls()) logging::Warning("calls abandoned");
    return *fatal ? EXIT_FAILURE : EXIT_SUCCESS;
  };
}

absl::StatusOr<rpc::LoadedService> Load(const std::string& path) {
  ASSIGN_OR_RETURN(const RegistryConfig config, LoadRegistryConfig(path));
  return rpc::LoadedService{config.service, [config] { return Start(config); }};
}

}  // namespace
}  // namespace metricstore::registry

int main(int argc, char** argv) {
  return metricstore::rpc::RunServiceProgram(
      {.name = "registry_service",
       .purpose = "Keeps definitions, raw rows, results and jobs in PostgreSQL, and serves them.",
       .version = METRICSTORE_VERSION,
       .load = metricstore::registry::Load},
      argc, argv);
}
