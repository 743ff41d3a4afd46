// The life of a service's process: command line, configuration, start, signal, drain, exit.
#pragma once

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/rpc/service_settings.h"

namespace metricstore::rpc {

// Lets the running work of a service end within the grace, and gives the exit status. It owns what
// runs.
using DrainService = std::function<int(absl::Duration grace)>;

// A service that may be started under the configuration that was read.
struct LoadedService {
  ServiceSettings settings;
  std::function<absl::StatusOr<DrainService>()> start;
};

struct ServiceProgram {
  std::string name;     // "registry_service"
  std::string purpose;  // a sentence for --help
  std::string version;
  // Reads the configuration file.
  std::function<absl::StatusOr<LoadedService>(const std::string& path)> load;
};

// Reads the command line (--config, --check-config, --version, --help) and the configuration. Then
// serves until SIGTERM or SIGINT, drains, and ends the process, two seconds after the grace at the
// latest. Returns, with the exit status, if there is nothing to serve: errors are on standard
// error. Call it in main before any thread starts.
int RunServiceProgram(const ServiceProgram& program, int argc, char** argv);

}  // namespace metricstore::rpc
