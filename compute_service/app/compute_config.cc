#include "compute_service/app/compute_config.h"

#include <algorithm>
#include <thread>

#include "common/status/error.h"
#include "common/status/macros.h"

namespace metricstore::compute {
namespace {

rpc::ServerOptions ReadServer(config::Section section, std::string listen) {
  rpc::ServerOptions server;
  server.listen = std::move(listen);
  server.unary_threads =
      static_cast<int>(section.Int("unary_threads", server.unary_threads, 1, 1024));
  server.unary_queue = static_cast<size_t>(
      section.Int("unary_queue", static_cast<int64_t>(server.unary_queue), 0, 1'000'000));
  server.stream_threads =
      static_cast<int>(section.Int("stream_threads", server.stream_threads, 1, 1024));
  server.stream_queue = static_cast<size_t>(
      section.Int("stream_queue", static_cast<int64_t>(server.stream_queue), 0, 1'000'000));
  const absl::Duration shortest = absl::Milliseconds(100);
  const absl::Duration longest = absl::Hours(24);
  server.default_deadline =
      section.Duration("default_deadline", server.default_deadline, shortest, longest);
  server.max_deadline = section.Duration("max_deadline", server.max_deadline, shortest, longest);
  server.stall_limit = section.Duration("stall_limit", server.stall_limit, shortest, longest);
  server.max_connection_age =
      section.Duration("max_connection_age", server.max_connection_age, shortest, longest);
  server.max_connection_age_grace = section.Duration(
      "max_connection_age_grace", server.max_connection_age_grace, shortest, longest);
  server.max_request_bytes = static_cast<size_t>(section.Int(
      "max_request_bytes", static_cast<int64_t>(server.max_request_bytes), 1 << 20, 64 << 20));
  return server;
}

RegistryClientOptions ReadRegistry(config::Section section) {
  RegistryClientOptions registry;
  registry.target = section.RequiredString("target");
  registry.unary_timeout = section.Duration("timeout", registry.unary_timeout,
                                            absl::Milliseconds(100), absl::Minutes(10));
  registry.stall_limit = section.Duration("stall_limit", registry.stall_limit,
                                          absl::Milliseconds(100), absl::Hours(1));
  return registry;
}

absl::StatusOr<logging::Level> ParseLevel(const std::string& name) {
  if (name == "debug") return logging::Level::kDebug;
  if (name == "info") return logging::Level::kInfo;
  if (name == "warning") return logging::Level::kWarning;
  if (name == "error") return logging::Level::kError;
  return status::FieldInvalid("log_level", name, "must be debug, info, warning or error");
}

}  // namespace

absl::StatusOr<ComputeConfig> ReadComputeConfig(config::File& file) {
  config::Section root = file.Root();
  ComputeConfig config;
  config.server = ReadServer(root.Sub("server"), root.String("listen", "127.0.0.1:0"));
  config.metrics_listen = root.String("metrics_listen", "127.0.0.1:0");
  config.registry = ReadRegistry(root.Sub("registry"));
  const auto cores = static_cast<int64_t>(std::max(1U, std::thread::hardware_concurrency()));
  config.pool.slots = static_cast<int>(root.Int("slots", std::min<int64_t>(cores, 100), 1, 100));
  config.pool.lease =
      root.Duration("lease", config.pool.lease, absl::Seconds(1), absl::Minutes(10));
  config.ready_file = root.String("ready_file", "");
  config.drain_grace =
      root.Duration("drain_grace", absl::Seconds(25), absl::Seconds(1), absl::Hours(1));
  const absl::StatusOr<logging::Level> level = ParseLevel(root.String("log_level", "info"));
  RETURN_IF_ERROR(file.Finish());
  ASSIGN_OR_RETURN(config.log_level, level);
  return config;
}

absl::StatusOr<ComputeConfig> LoadComputeConfig(const std::string& path) {
  ASSIGN_OR_RETURN(config::File file, config::File::Load(path));
  return ReadComputeConfig(file);
}

}  // namespace metricstore::compute
