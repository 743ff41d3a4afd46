#include "compute_service/app/compute_config.h"

#include <algorithm>
#include <thread>

#include "common/status/macros.h"

namespace metricstore::compute {
namespace {

RegistryClientOptions ReadRegistry(config::Section section) {
  RegistryClientOptions registry;
  registry.target = section.RequiredString("target");
  registry.unary_timeout = section.Duration("timeout", registry.unary_timeout,
                                            absl::Milliseconds(100), absl::Minutes(10));
  registry.stall_limit = section.Duration("stall_limit", registry.stall_limit,
                                          absl::Milliseconds(100), absl::Hours(1));
  return registry;
}

}  // namespace

absl::StatusOr<ComputeConfig> ReadComputeConfig(config::File& file) {
  config::Section root = file.Root();
  ComputeConfig config;
  config.service = rpc::ReadServiceSettings(root);
  config.registry = ReadRegistry(root.Sub("registry"));
  const auto cores = static_cast<int64_t>(std::max(1U, std::thread::hardware_concurrency()));
  config.pool.slots = static_cast<int>(root.Int("slots", std::min<int64_t>(cores, 100), 1, 100));
  config.pool.lease =
      root.Duration("lease", config.pool.lease, absl::Seconds(1), absl::Minutes(10));
  RETURN_IF_ERROR(file.Finish());
  return config;
}

absl::StatusOr<ComputeConfig> LoadComputeConfig(const std::string& path) {
  ASSIGN_OR_RETURN(config::File file, config::File::Load(path));
  return ReadComputeConfig(file);
}

}  // namespace metricstore::compute
