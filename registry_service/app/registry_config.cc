#include "registry_service/app/registry_config.h"

#include "common/status/error.h"
#include "common/status/macros.h"

namespace metricstore::registry {
namespace {

// An import of definitions is the largest request: files of 4 MiB, and their paths.
constexpr size_t kLargestRequest = 5 << 20;

int Connections(config::Section& section, std::string_view key, int fallback) {
  return static_cast<int>(section.Int(key, fallback, 1, 1024));
}

absl::Duration Span(config::Section& section, std::string_view key, absl::Duration fallback) {
  return section.Duration(key, fallback, absl::Milliseconds(100), absl::Hours(24));
}

DatabaseConfig ReadDatabase(config::Section section) {
  DatabaseConfig database;
  database.connection = section.Secret("connection", "");
  database.unary_connections =
      Connections(section, "unary_connections", database.unary_connections);
  database.stream_connections =
      Connections(section, "stream_connections", database.stream_connections);
  database.ingest_connections =
      Connections(section, "ingest_connections", database.ingest_connections);
  database.connect_timeout = Span(section, "connect_timeout", database.connect_timeout);
  database.acquire_timeout = Span(section, "acquire_timeout", database.acquire_timeout);
  database.statement_timeout = Span(section, "statement_timeout", database.statement_timeout);
  database.stream_statement_timeout =
      Span(section, "stream_statement_timeout", database.stream_statement_timeout);
  database.lock_timeout = Span(section, "lock_timeout", database.lock_timeout);
  return database;
}

ComputeTarget ReadCompute(config::Section section) {
  ComputeTarget compute;
  compute.target = section.String("target", compute.target);
  compute.timeout = Span(section, "timeout", compute.timeout);
  return compute;
}

}  // namespace

absl::StatusOr<RegistryConfig> ReadRegistryConfig(config::File& file) {
  config::Section root = file.Root();
  RegistryConfig config;
  config.service = rpc::ReadServiceSettings(root, kLargestRequest);
  config.database = ReadDatabase(root.Sub("database"));
  config.compute = ReadCompute(root.Sub("compute"));
  RETURN_IF_ERROR(file.Finish());
  if (config.database.connection.empty()) return status::FieldRequired("database.connection");
  return config;
}

absl::StatusOr<RegistryConfig> LoadRegistryConfig(const std::string& path) {
  ASSIGN_OR_RETURN(config::File file, config::File::Load(path));
  return ReadRegistryConfig(file);
}

}  // namespace metricstore::registry
