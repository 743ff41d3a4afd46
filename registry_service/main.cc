// registry_service: keeps definitions, raw rows, results and jobs in PostgreSQL, and serves them.
#include <signal.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <atomic>
#include <cmath>
#include <cstdlib>
#include <iostream>
#include <string>

#include "common/logging/logging.h"
#include "common/rpc/server.h"
#include "common/status/error.h"
#include "registry_service/app/registry_app.h"
#include "registry_service/app/registry_config.h"

namespace metricstore::registry {
namespace {

int Fail(const absl::Status& status) {
  std::cerr << "registry_service: " << status.message() << "\n";
  if (const auto details = status::DetailsOf(status)) {
    for (const status::FieldViolation& violation : details->violations) {
      std::cerr << "  " << violation.field << ": " << violation.description << "\n";
    }
  }
  return EXIT_FAILURE;
}

int Run(const RegistryConfig& config) {
  logging::Configure("registry_service", config.log_level);
  rpc::BlockTerminationSignals();
  std::atomic<bool> fatal = false;
  auto app = RegistryApp::Start(config, [&fatal] {
    fatal = true;
    kill(getpid(), SIGTERM);
  });
  if (!app.ok()) return Fail(app.status());
  const int signal = rpc::WaitForTerminationSignal();
  // Whatever hangs, the process is gone two seconds after its grace.
  alarm(static_cast<unsigned>(std::ceil(absl::ToDoubleSeconds(config.drain_grace))) + 2);
  logging::Info("draining", {{"signal", signal}, {"grace", config.drain_grace}});
  (*app)->Drain(config.drain_grace);
  logging::Info("drained", {{"abandoned_calls", (*app)->abandoned_calls()}});
  // All work has ended or been given up. Taking the parts down would wait for what was given up,
  // and for the poll of the metrics endpoint.
  std::_Exit(fatal ? EXIT_FAILURE : EXIT_SUCCESS);
}

}  // namespace
}  // namespace metricstore::registry

int main(int argc, char** argv) {
  using namespace metricstore::registry;  // NOLINT(google-build-using-namespace)
  CLI::App cli("Keeps definitions, raw rows, results and jobs in PostgreSQL, and serves them.",
               "registry_service");
  std::string path;
  bool check_only = false;
  cli.add_option("--config", path, "The YAML configuration file")->required();
  cli.add_flag("--check-config", check_only, "Read the configuration, report problems, and exit");
  cli.set_version_flag("--version", std::string("registry_service " METRICSTORE_VERSION));
  CLI11_PARSE(cli, argc, argv);
  const absl::StatusOr<RegistryConfig> config = LoadRegistryConfig(path);
  if (!config.ok()) return Fail(config.status());
  if (check_only) {
    std::cout << "configuration is valid\n";
    return EXIT_SUCCESS;
  }
  return Run(*config);
}
