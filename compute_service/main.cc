// compute_service: leases shards from the registry, evaluates metrics, streams the results back.
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>

#include "common/rpc/service_program.h"
#include "common/status/macros.h"
#include "compute_service/app/compute_app.h"
#include "compute_service/app/compute_config.h"

namespace metricstore::compute {
namespace {

absl::StatusOr<rpc::DrainService> Start(const ComputeConfig& config) {
  ASSIGN_OR_RETURN(std::shared_ptr<ComputeApp> app, ComputeApp::Start(config));
  return [app = std::move(app)](absl::Duration grace) {
    app->Drain(grace);
    return EXIT_SUCCESS;
  };
}

absl::StatusOr<rpc::LoadedService> Load(const std::string& path) {
  ASSIGN_OR_RETURN(const ComputeConfig config, LoadComputeConfig(path));
  return rpc::LoadedService{config.service, [config] { return Start(config); }};
}

}  // namespace
}  // namespace metricstore::compute

int main(int argc, char** argv) {
  return metricstore::rpc::RunServiceProgram(
      {.name = "compute_service",
       .purpose = "Evaluates metrics: leases shards from the registry and streams results back.",
       .version = METRICSTORE_VERSION,
       .load = metricstore::compute::Load},
      argc, argv);
}
