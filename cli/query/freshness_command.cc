#include <algorithm>
#include <map>
#include <utility>

#include "cli/core/paging.h"
#include "cli/core/proto_text.h"
#include "cli/output/concat.h"
#include "cli/output/error_printer.h"
#include "cli/output/number_text.h"
#include "cli/output/table_printer.h"
#include "cli/query/bucket_text.h"
#include "cli/query/query_commands.h"
#include "metricstore/registry/v1/catalog_service.grpc.pb.h"
#include "metricstore/registry/v1/query_service.grpc.pb.h"

namespace metricstore::cli {
namespace {

using registry::v1::CatalogService;
using registry::v1::ListFreshnessRequest;
using registry::v1::Metric;
using registry::v1::MetricFreshness;
using registry::v1::QueryService;

constexpr int kPageSize = 1000;

struct FreshnessOptions {
  std::vector<std::string> metrics;
  bool stale = false;
  bool exit_code = false;
};

bool IsStale(const MetricFreshness& metric) {
  return metric.state() == MetricFreshness::STATE_NEVER_COMPUTED ||
         metric.state() == MetricFreshness::STATE_NEWER_ROWS ||
         metric.state() == MetricFreshness::STATE_UPSTREAM_STALE;
}

std::string VersionText(const MetricFreshness& metric) {
  std::string text = std::to_string(metric.active_version());
  if (metric.latest_version() > metric.active_version()) {
    text += Concat(" (v", metric.latest_version(), " pending)");
  }
  return text;
}

absl::StatusOr<std::vector<MetricFreshness>> Collect(Connection& connection,
                                                     const FreshnessOptions& options) {
  ListFreshnessRequest request;
  for (const std::string& metric : options.metrics) request.add_metrics(metric);
  request.set_page_size(kPageSize);
  std::vector<MetricFreshness> metrics;
  RETURN_IF_ERROR(
      ForEachPage(connection, &QueryService::Stub::ListFreshness, request, [&](const auto& page) {
        metrics.insert(metrics.end(), page.metrics().begin(), page.metrics().end());
      }));
  return metrics;
}

// The definitions of those with points, whose buckets must be dated. Empty if they cannot be had:
// then instants are shown.
std::map<std::string, Metric> DefinitionsOf(Connection& connection,
                                            const std::vector<MetricFreshness>& metrics) {
  std::map<std::string, Metric> definitions;
  registry::v1::BatchGetMetricsRequest request;
  request.set_project(connection.project());
  const auto get = [&] {
    if (request.metrics().empty()) return;
    const auto batch =
        connection.Call(Peer::kRegistry, &CatalogService::Stub::BatchGetMetrics, request);
    request.clear_metrics();
    if (!batch.ok()) return;
    for (const Metric& metric : batch->metrics()) definitions[metric.id()] = metric;
  };
  for (const MetricFreshness& metric : metrics) {
    if (metric.has_newest_bucket_time()) request.add_metrics()->set_id(metric.metric());
    if (request.metrics_size() == kPageSize) get();
  }
  get();
  return definitions;
}

// For people: dates where buckets have them.
Table PeopleTable(Connection& connection, const std::vector<MetricFreshness>& metrics) {
  Table table{{{"metric"}, {"version"}, {"newest_bucket"}, {"newest_row"}, {"state"}, {"why"}}, {}};
  auto definitions = DefinitionsOf(connection, metrics);
  BucketText buckets(connection);
  for (const MetricFreshness& metric : metrics) {
    std::string newest;
    if (metric.has_newest_bucket_time()) {
      const Metric& definition = definitions[metric.metric()];
      newest = buckets.Of(definition.dataset(), definition.grain(),
                          InstantOf(metric.newest_bucket_time()));
    }
    table.rows.push_back({metric.metric(), VersionText(metric), newest,
                          TimeText(metric.has_newest_row_time(), metric.newest_row_time()),
                          EnumText(metric.state(), "STATE_"), metric.reason()});
  }
  return table;
}

Table ProgramTable(const std::vector<MetricFreshness>& metrics) {
  Table table{{{"metric"},
               {"active_version", true},
               {"latest_version", true},
               {"newest_bucket"},
               {"newest_row"},
               {"state"},
               {"stale"},
               {"reason"}},
              {}};
  for (const MetricFreshness& metric : metrics) {
    table.rows.push_back({metric.metric(), std::to_string(metric.active_version()),
                          std::to_string(metric.latest_version()),
                          TimeText(metric.has_newest_bucket_time(), metric.newest_bucket_time()),
                          TimeText(metric.has_newest_row_time(), metric.newest_row_time()),
                          EnumText(metric.state(), "STATE_"), IsStale(metric) ? "yes" : "no",
                          metric.reason()});
  }
  return table;
}

absl::StatusOr<int> RunFreshness(Invocation& invocation, const FreshnessOptions& options) {
  ASSIGN_OR_RETURN(std::vector<MetricFreshness> metrics, Collect(invocation.connection, options));
  const auto total = static_cast<int64_t>(metrics.size());
  const int64_t stale = std::count_if(metrics.begin(), metrics.end(), &IsStale);
  if (options.stale) std::erase_if(metrics, [](const auto& metric) { return !IsStale(metric); });
  const bool people = invocation.format == OutputFormat::kTable;
  PrintTable(people ? PeopleTable(invocation.connection, metrics) : ProgramTable(metrics),
             invocation.format, invocation.terminal.out);
  (people ? invocation.terminal.out : invocation.terminal.err)
      << FormatCount(stale) << " of " << FormatCountOf(total, "metric") << " stale\n";
  return options.exit_code && stale > 0 ? kExitFound : kExitOk;
}

}  // namespace

void AddFreshnessCommand(CLI::App& app, ChosenCommand& chosen) {
  const auto [command, options] = AddCommand(
      app, chosen, "freshness", "Show how new the stored points of metrics are", &RunFreshness);
  command->add_option("METRIC", options->metrics,
                      "Ids, or patterns: intraday/*, *_us; default: all metrics");
  command->add_flag("--stale", options->stale, "Only metrics that need a backfill");
  command->add_flag("--exit-code", options->exit_code, "Exit status 3 if any is stale");
  command->footer(
      "Examples:\n"
      "  metricctl freshness\n"
      "  metricctl freshness price/daily_range_us 'volume/*'\n"
      "  metricctl freshness --stale --exit-code -o json");
}

}  // namespace metricstore::cli
