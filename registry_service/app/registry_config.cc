#include "registry_service/app/registry_config.h"

#include <utility>

#include "common/status/error.h"
#include "common/status/macros.h"

namespace metricstore::registry {
namespace {

constexpr absl::Duration kShortest = absl::Milliseconds(100);
constexpr absl::Duration kLongest = absl::Hours(24);

int Count(config::Section& section, std::string_view key, int fallback) {
  return static_cast<int>(section.Int(key, fallback, 1, 1024));
}

size_t QueueLength(config::Section& section, std::string_view key, size_t fallback) {
  return static_cast<size_t>(section.Int(key, static_cast<int64_t>(fallback), 0, 1'000'000));
}

absl::Duration Span(config::Section& section, std::string_view key, absl::Duration fallback) {
  return section.Duration(key, fallback, kShortest, kLongest);
}

rpc::ServerOptions ReadServer(config::Section section, std::string listen) {
  rpc::ServerOptions server;
  server.listen = std::move(listen);
  server.unary_threads = Count(section, "unary_threads", server.unary_threads);
  server.unary_queue = QueueLength(section, "unary_queue", server.unary_queue);
  server.stream_threads = Count(section, "stream_threads", server.stream_threads);
  server.stream_queue = QueueLength(section, "stream_queue", server.stream_queue);
  server.default_deadline = Span(section, "default_deadline", server.default_deadline);
  server.max_deadline = Span(section, "max_deadline", server.max_deadline);
  server.stall_limit = Span(section, "stall_limit", server.stall_limit);
  server.max_connection_age = Span(section, "max_connection_age", server.max_connection_age);
  server.max_connection_age_grace =
      Span(section, "max_connection_age_grace", server.max_connection_age_grace);
  server.max_request_bytes = static_cast<size_t>(section.Int(
      "max_request_bytes", static_cast<int64_t>(server.max_request_bytes), 5 << 20, 64 << 20));
  return server;
}

DatabaseConfig ReadDatabase(config::Section section) {
  DatabaseConfig database;
  database.connection = section.Secret("connection", "");
  database.unary_connections = Count(section, "unary_connections", database.unary_connections);
  database.stream_connections = Count(section, "stream_connections", database.stream_connections);
  database.ingest_connections = Count(section, "ingest_connections", database.ingest_connections);
  database.connect_timeout = Span(section, "connect_timeout", database.connect_timeout);
  database.acquire_timeout = Span(section, "acquire_timeout", database.acquire_timeout);
  database.statement_timeout = Span(section, "statement_timeout", database.statement_timeout);
  database.stream_statement_timeout =
      Span(section, "stream_statement_timeout", database.stream_statement_timeout);
  database.lock_timeout = Span(section, "lock_timeout", database.lock_timeout);
  return database;
}

absl::StatusOr<logging::Level> ParseLevel(const std::string& name) {
  if (name == "debug") return logging::Level::kDebug;
  if (name == "info") return logging::Level::kInfo;
  if (name == "warning") return logging::Level::kWarning;
  if (name == "error") return logging::Level::kError;
  return status::FieldInvalid("log_level", name, "must be debug, info, warning or error");
}

}  // namespace

absl::StatusOr<RegistryConfig> ReadRegistryConfig(config::File& file) {
  config::Section root = file.Root();
  RegistryConfig config;
  config.server = ReadServer(root.Sub("server"), root.String("listen", "127.0.0.1:0"));
  config.metrics_listen = root.String("metrics_listen", "127.0.0.1:0");
  config.database = ReadDatabase(root.Sub("database"));
  config.ready_file = root.String("ready_file", "");
  config.drain_grace =
      root.Duration("drain_grace", absl::Seconds(25), absl::Seconds(1), absl::Hours(1));
  const absl::StatusOr<logging::Level> level = ParseLevel(root.String("log_level", "info"));
  RETURN_IF_ERROR(file.Finish());
  ASSIGN_OR_RETURN(config.log_level, level);
  if (config.database.connection.empty()) return status::FieldRequired("database.connection");
  return config;
}

absl::StatusOr<RegistryConfig> LoadRegistryConfig(const std::string& path) {
  ASSIGN_OR_RETURN(config::File file, config::File::Load(path));
  return ReadRegistryConfig(file);
}

}  // namespace metricstore::registry
