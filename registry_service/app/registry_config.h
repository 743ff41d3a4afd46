// The configuration file of registry_service as typed values.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/config/config.h"
#include "common/rpc/service_settings.h"
#include "registry_service/compute_client/grpc_row_evaluator.h"

namespace metricstore::registry {

// Connections are split, so that streams never take those of unary calls.
struct DatabaseConfig {
  std::string connection;  // libpq conninfo or URI; a secret
  int unary_connections = 8;
  int stream_connections = 12;  // raw windows, each held as long as its stream
  int ingest_connections = 8;   // batches of rows, results of shards
  absl::Duration connect_timeout = absl::Seconds(5);
  absl::Duration acquire_timeout = absl::Seconds(5);
  absl::Duration statement_timeout = absl::Seconds(30);
  absl::Duration stream_statement_timeout = absl::Minutes(10);
  absl::Duration lock_timeout = absl::Seconds(5);
};

struct RegistryConfig {
  rpc::ServiceSettings service;
  DatabaseConfig database;
  ComputeTarget
      compute;  // runs the tests of metrics; without it, those that have tests are refused
};

// NOT_FOUND (CONFIG_NOT_FOUND) if the file cannot be read; INVALID_ARGUMENT (YAML_INVALID,
// FIELD_INVALID) with all problems at once.
absl::StatusOr<RegistryConfig> LoadRegistryConfig(const std::string& path);
absl::StatusOr<RegistryConfig> ReadRegistryConfig(config::File& file);

}  // namespace metricstore::registry
