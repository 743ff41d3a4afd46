// The settings that every service has, read from its configuration file.
#pragma once

#include <cstddef>
#include <string>

#include "absl/time/time.h"
#include "common/config/config.h"
#include "common/logging/logging.h"
#include "common/rpc/server.h"

namespace metricstore::rpc {

struct ServiceSettings {
  ServerOptions server;  // `listen` and the section `server`
  std::string metrics_listen = "127.0.0.1:0";
  std::string ready_file;  // empty: none
  absl::Duration drain_grace = absl::Seconds(25);
  logging::Level log_level = logging::Level::kInfo;
};

// Reads them from the top of the file. Problems are collected there: use the settings only if
// File::Finish finds none. `largest_request` is what the service's contract allows a message to
// be: max_request_bytes may not be lower.
ServiceSettings ReadServiceSettings(config::Section& root, size_t largest_request = 1 << 20);

}  // namespace metricstore::rpc
