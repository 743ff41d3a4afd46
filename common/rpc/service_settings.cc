#include "common/rpc/service_settings.h"

#include <cstdint>

namespace metricstore::rpc {
namespace {

constexpr int64_t kMostThreads = 1024;
constexpr int64_t kLongestQueue = 1'000'000;
constexpr int64_t kLargestRequest = 64 << 20;

// Reads values of the section `server`, which hold their defaults.
class ServerReader {
 public:
  explicit ServerReader(config::Section section) : section_(std::move(section)) {}

  void Threads(std::string_view key, int& threads) {
    threads = static_cast<int>(section_.Int(key, threads, 1, kMostThreads));
  }
  // 0 leaves the number to the server.
  int ThreadsOrDefault(std::string_view key, int threads) {
    return static_cast<int>(section_.Int(key, threads, 0, kMostThreads));
  }
  void Size(std::string_view key, size_t& size, int64_t lowest, int64_t highest) {
    size = static_cast<size_t>(section_.Int(key, static_cast<int64_t>(size), lowest, highest));
  }
  void Span(std::string_view key, absl::Duration& span) {
    span = section_.Duration(key, span, absl::Milliseconds(100), absl::Hours(24));
  }

 private:
  config::Section section_;
};

}  // namespace

ServiceSettings ReadServiceSettings(config::Section& root, size_t largest_request) {
  ServiceSettings settings;
  ServerOptions& server = settings.server;
  server.listen = root.String("listen", server.listen);
  ServerReader reader(root.Sub("server"));
  reader.Threads("unary_threads", server.unary_threads);
  reader.Size("unary_queue", server.unary_queue, 0, kLongestQueue);
  reader.Threads("stream_threads", server.stream_threads);
  reader.Size("stream_queue", server.stream_queue, 0, kLongestQueue);
  server.polling_threads = reader.ThreadsOrDefault("polling_threads", server.polling_threads);
  reader.Span("default_deadline", server.default_deadline);
  reader.Span("max_deadline", server.max_deadline);
  reader.Span("stall_limit", server.stall_limit);
  reader.Span("max_connection_age", server.max_connection_age);
  reader.Span("max_connection_age_grace", server.max_connection_age_grace);
  reader.Size("max_request_bytes", server.max_request_bytes, static_cast<int64_t>(largest_request),
              kLargestRequest);
  settings.metrics_listen = root.String("metrics_listen", settings.metrics_listen);
  settings.ready_file = root.String("ready_file", settings.ready_file);
  settings.drain_grace =
      root.Duration("drain_grace", settings.drain_grace, absl::Seconds(1), absl::Hours(1));
  const std::string level =
      root.OneOf("log_level", logging::LevelName(settings.log_level), logging::LevelNames());
  settings.log_level = logging::ParseLevel(level).value_or(settings.log_level);
  return settings;
}

}  // namespace metricstore::rpc
