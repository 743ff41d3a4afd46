#include "common/rpc/service_program.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cmath>
#include <cstdlib>
#include <iostream>

#include "common/logging/logging.h"
#include "common/rpc/server.h"
#include "common/status/error.h"

namespace metricstore::rpc {
namespace {

// Cancelled bodies have a second to end (see Server::Drain), the process another one.
constexpr unsigned kSecondsAfterGrace = 2;

int Fail(const ServiceProgram& program, const absl::Status& status) {
  const auto details = status::DetailsOf(status);
  if (!details || details->violations.empty()) {
    std::cerr << program.name << ": " << status.message() << "\n";
    return EXIT_FAILURE;
  }
  for (const status::FieldViolation& violation : details->violations) {
    std::cerr << program.name << ": " << violation.description << "\n";
  }
  return EXIT_FAILURE;
}

int Serve(const ServiceProgram& program, const LoadedService& service) {
  const absl::Duration grace = service.settings.drain_grace;
  logging::Configure(program.name, service.settings.log_level);
  BlockTerminationSignals();
  const absl::StatusOr<DrainService> drain = service.start();
  if (!drain.ok()) return Fail(program, drain.status());
  const int signal = WaitForTerminationSignal();
  // Whatever hangs, the process is gone.
  alarm(static_cast<unsigned>(std::ceil(absl::ToDoubleSeconds(grace))) + kSecondsAfterGrace);
  logging::Info("draining", {{"signal", signal}, {"grace", grace}});
  const int exit_status = (*drain)(grace);
  logging::Info("drained", {{"exit_status", exit_status}});
  // All work has ended or been given up. Taking the parts down would wait for what was given up,
  // and two seconds for the poll of the metrics endpoint.
  std::_Exit(exit_status);
}

}  // namespace

int RunServiceProgram(const ServiceProgram& program, int argc, char** argv) {
  CLI::App cli(program.purpose, program.name);
  std::string path;
  bool check_only = false;
  cli.add_option("--config", path, "The YAML configuration file")->required();
  cli.add_flag("--check-config", check_only, "Read the configuration, report problems, and exit");
  cli.set_version_flag("--version", program.name + " " + program.version);
  CLI11_PARSE(cli, argc, argv);
  const absl::StatusOr<LoadedService> service = program.load(path);
  if (!service.ok()) return Fail(program, service.status());
  if (check_only) {
    std::cout << "configuration is valid\n";
    return EXIT_SUCCESS;
  }
  return Serve(program, *service);
}

}  // namespace metricstore::rpc
