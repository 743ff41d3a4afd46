// The configuration file of compute_service as typed values.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "common/config/config.h"
#include "common/rpc/service_settings.h"
#include "compute_service/registry_client/grpc_registry_client.h"
#include "compute_service/runner/worker_pool.h"

namespace metricstore::compute {

struct ComputeConfig {
  rpc::ServiceSettings service;
  RegistryClientOptions registry;
  WorkerPoolOptions pool;  // without the worker's name
};

// NOT_FOUND if the file cannot be read; INVALID_ARGUMENT (YAML_INVALID, FIELD_INVALID) with all
// problems at once.
absl::StatusOr<ComputeConfig> LoadComputeConfig(const std::string& path);
absl::StatusOr<ComputeConfig> ReadComputeConfig(config::File& file);

}  // namespace metricstore::compute
