// compute_service: leases shards from the registry, evaluates metrics, streams the results back.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cmath>
#include <cstdlib>
#include <iostream>
#include <string>

#include "common/logging/logging.h"
#include "common/rpc/server.h"
#include "common/status/error.h"
#include "compute_service/app/compute_app.h"
#include "compute_service/app/compute_config.h"

namespace metricstore::compute {
namespace {

int Fail(const absl::Status& status) {
  const auto details = status::DetailsOf(status);
  if (!details || details->violations.empty()) {
    std::cerr << "compute_service: " << status.message() << "\n";
    return EXIT_FAILURE;
  }
  for (const status::FieldViolation& violation : details->violations) {
    std::cerr << "compute_service: " << violation.description << "\n";
  }
  return EXIT_FAILURE;
}

int Run(const ComputeConfig& config) {
  logging::Configure("compute_service", config.log_level);
  rpc::BlockTerminationSignals();
  auto app = ComputeApp::Start(config);
  if (!app.ok()) return Fail(app.status());
  const int signal = rpc::WaitForTerminationSignal();
  // Whatever hangs, the process is gone a second after its grace.
  alarm(static_cast<unsigned>(std::ceil(absl::ToDoubleSeconds(config.drain_grace))) + 1);
  logging::Info("draining", {{"signal", signal}, {"grace", config.drain_grace}});
  (*app)->Drain(config.drain_grace);
  logging::Info("drained");
  // All work has ended. Taking the parts down adds two seconds of the metrics endpoint's poll.
  std::_Exit(EXIT_SUCCESS);
}

}  // namespace
}  // namespace metricstore::compute

int main(int argc, char** argv) {
  using namespace metricstore::compute;  // NOLINT(google-build-using-namespace)
  CLI::App cli("Evaluates metrics: leases shards from the registry and streams results back.",
               "compute_service");
  std::string path;
  bool check_only = false;
  cli.add_option("--config", path, "The YAML configuration file")->required();
  cli.add_flag("--check-config", check_only, "Read the configuration, report problems, and exit");
  cli.set_version_flag("--version", std::string("compute_service " METRICSTORE_VERSION));
  CLI11_PARSE(cli, argc, argv);
  const absl::StatusOr<ComputeConfig> config = LoadComputeConfig(path);
  if (!config.ok()) return Fail(config.status());
  if (check_only) {
    std::cout << "configuration is valid\n";
    return EXIT_SUCCESS;
  }
  return Run(*config);
}
