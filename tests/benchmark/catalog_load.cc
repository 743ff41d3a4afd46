// Loads a catalogue with reads over loopback and prints what they took as one line of JSON.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>

#include "common/status/macros.h"
#include "tests/benchmark/catalog_requests.h"
#include "tests/benchmark/load_run.h"

namespace metricstore::bench {
namespace {

struct Options {
  std::string target = "127.0.0.1:50051";
  std::string method = "get";
  int clients = 16;
  int page_size = 100;
  double seconds = 5;
};

absl::StatusOr<LoadResult> Run(const Options& options) {
  ASSIGN_OR_RETURN(CatalogRequests requests,
                   MakeRequests(options.target, options.method, options.page_size));
  const LoadPlan plan{.address = options.target,
                      .path = std::move(requests.path),
                      .requests = std::move(requests.requests),
                      .clients = options.clients,
                      .duration = absl::Seconds(options.seconds)};
  return RunLoad(plan);
}

double Micros(absl::Duration duration) { return absl::ToDoubleMicroseconds(duration); }

void Print(const Options& options, const LoadResult& result) {
  const double calls = static_cast<double>(result.calls);
  const nlohmann::ordered_json line = {
      {"method", options.method},
      {"clients", options.clients},
      {"calls", result.calls},
      {"calls_per_second", calls / absl::ToDoubleSeconds(result.elapsed)},
      {"p50_us", Micros(result.p50)},
      {"p99_us", Micros(result.p99)},
      {"reply_bytes", static_cast<double>(result.reply_bytes) / calls},
      {"client_cpu_us_per_call", Micros(result.client_cpu) / calls}};
  std::printf("%s\n", line.dump().c_str());
}

}  // namespace
}  // namespace metricstore::bench

int main(int argc, char** argv) {
  metricstore::bench::Options options;
  CLI::App app("Loads a catalogue with reads over loopback and prints what they took.");
  app.add_option("--target", options.target, "the registry, as IPv4 address and port");
  app.add_option("--method", options.method, "what is read")
      ->check(CLI::IsMember({"get", "list", "search"}));
  app.add_option("--clients", options.clients, "connections, one call under way on each")
      ->check(CLI::Range(1, 10'000));
  app.add_option("--page-size", options.page_size, "metrics of a page of list")
      ->check(CLI::Range(1, 1000));
  app.add_option("--seconds", options.seconds, "measured, after a second of warm-up")
      ->check(CLI::Range(0.1, 3600.0));
  CLI11_PARSE(app, argc, argv);
  const auto result = metricstore::bench::Run(options);
  if (!result.ok() || result->calls == 0) {
    std::fprintf(stderr, "catalog_load: %s\n", result.status().ToString().c_str());
    return EXIT_FAILURE;
  }
  metricstore::bench::Print(options, *result);
}
