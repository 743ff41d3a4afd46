#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "cli/core/bucket_text.h"
#include "cli/core/date_range.h"
#include "cli/core/freshness.h"
#include "cli/messages/proto_json.h"
#include "cli/messages/proto_text.h"
#include "cli/output/concat.h"
#include "cli/output/error_printer.h"
#include "cli/output/number_text.h"
#include "cli/output/table_printer.h"
#include "cli/query/query_commands.h"
#include "metricstore/registry/v1/catalog_service.grpc.pb.h"

namespace metricstore::cli {
namespace {

using registry::v1::CatalogService;
using registry::v1::GrainFreshness;
using registry::v1::Metric;
using registry::v1::MetricFreshness;

using Ranges = google::protobuf::RepeatedPtrField<common::v1::DateInterval>;

constexpr int kPageSize = 1000;

struct FreshnessOptions {
  std::vector<std::string> metrics;
  bool stale = false;
  bool exit_code = false;
};

std::string VersionText(const MetricFreshness& metric) {
  std::string text = std::to_string(metric.active_version());
  if (metric.latest_version() > metric.active_version()) {
    text += Concat(" (v", metric.latest_version(), " pending)");
  }
  return text;
}

// "2024-01-16..2024-01-18, 3 dates": the first, the last, and how many are to be computed.
std::string StaleDatesText(const Ranges& dates) {
  if (dates.empty()) return "";
  const std::string last = LastDate(*dates.rbegin());
  const std::string first = dates.begin()->start_date();
  if (first == last) return first;
  return Concat(first, "..", last, ", ", FormatCountOf(CountDates(dates), "date"));
}

// "2024-01-16..2024-01-18 2024-02-01..2024-02-01", both ends included.
std::string RangesText(const Ranges& ranges) {
  std::string text;
  for (const auto& dates : ranges) {
    text += Concat(text.empty() ? "" : " ", dates.start_date(), "..", LastDate(dates));
  }
  return text;
}

// Makes the definitions of those with points known, whose buckets must be dated, in few calls.
// Where they cannot be had, instants are shown.
void AddDefinitions(Connection& connection, const std::vector<MetricFreshness>& metrics,
                    MetricBuckets& buckets) {
  registry::v1::BatchGetMetricsRequest request;
  request.set_project(connection.project());
  const auto get = [&] {
    if (request.metrics().empty()) return;
    const auto batch =
        connection.Call(Peer::kRegistry, &CatalogService::Stub::BatchGetMetrics, request);
    request.clear_metrics();
    if (!batch.ok()) return;
    for (const Metric& metric : batch->metrics()) buckets.Add(metric);
  };
  for (const MetricFreshness& metric : metrics) {
    if (metric.has_newest_bucket_time()) request.add_metrics()->set_id(metric.metric());
    if (request.metrics_size() == kPageSize) get();
  }
  get();
}

// For people: dates where buckets have them.
Table PeopleTable(Connection& connection, const std::vector<MetricFreshness>& metrics) {
  Table table{{{"metric"},
               {"version"},
               {"newest_bucket"},
               {"newest_row"},
               {"state"},
               {"stale_dates"},
               {"why"}},
              {}};
  MetricBuckets buckets(connection);
  AddDefinitions(connection, metrics, buckets);
  for (const MetricFreshness& metric : metrics) {
    std::string newest;
    if (metric.has_newest_bucket_time()) {
      newest =
          buckets.Text(metric.metric(), metric.grain(), InstantOf(metric.newest_bucket_time()));
    }
    table.rows.push_back({metric.metric(), VersionText(metric), newest,
                          TimeText(metric.has_newest_row_time(), metric.newest_row_time()),
                          EnumText(metric.state(), "STATE_"), StaleDatesText(metric.stale_dates()),
                          metric.reason()});
    for (const GrainFreshness& other : metric.other_grains()) {
      table.rows.push_back({Concat(metric.metric(), " by ", EnumText(other.grain(), "GRAIN_")), "",
                            "", "", EnumText(other.state(), "STATE_"),
                            StaleDatesText(other.stale_dates()), other.reason()});
    }
  }
  return table;
}

// "" from a registry that does not say it.
std::string GrainText(registry::v1::Grain grain) {
  return grain == registry::v1::GRAIN_UNSPECIFIED ? "" : EnumText(grain, "GRAIN_");
}

// A row for each metric at its own grain, and behind it one for each other grain that is stale.
Table ProgramTable(const std::vector<MetricFreshness>& metrics) {
  Table table{{{"metric"},
               {"active_version", true},
               {"latest_version", true},
               {"newest_bucket"},
               {"newest_row"},
               {"state"},
               {"stale", false, true},
               {"reason"},
               {"stale_dates"},
               {"grain"}},
              {}};
  for (const MetricFreshness& metric : metrics) {
    table.rows.push_back({metric.metric(), std::to_string(metric.active_version()),
                          std::to_string(metric.latest_version()),
                          TimeText(metric.has_newest_bucket_time(), metric.newest_bucket_time()),
                          TimeText(metric.has_newest_row_time(), metric.newest_row_time()),
                          EnumText(metric.state(), "STATE_"),
                          IsStaleAtOwnGrain(metric) ? "yes" : "no", metric.reason(),
                          RangesText(metric.stale_dates()), GrainText(metric.grain())});
    for (const GrainFreshness& other : metric.other_grains()) {
      table.rows.push_back({metric.metric(), std::to_string(metric.active_version()),
                            std::to_string(metric.latest_version()), "", "",
                            EnumText(other.state(), "STATE_"), "yes", other.reason(),
                            RangesText(other.stale_dates()), GrainText(other.grain())});
    }
  }
  return table;
}

// For programs; in JSON the stale dates are half-open, as the API has them.
void PrintForPrograms(const std::vector<MetricFreshness>& metrics, const Invocation& invocation) {
  const Table table = ProgramTable(metrics);
  std::ostream& out = invocation.terminal.out;
  if (invocation.format != OutputFormat::kJson) return PrintTable(table, invocation.format, out);
  nlohmann::ordered_json rows = JsonRows(table);
  size_t row = 0;
  const auto put_dates = [&](const Ranges& ranges) {
    auto& list = rows[row++]["stale_dates"] = nlohmann::ordered_json::array();
    for (const auto& dates : ranges) list.push_back(JsonOf(dates));
  };
  for (const MetricFreshness& metric : metrics) {
    put_dates(metric.stale_dates());
    for (const GrainFreshness& other : metric.other_grains()) put_dates(other.stale_dates());
  }
  PrintJsonValue(rows, out);
}

absl::StatusOr<int> RunFreshness(Invocation& invocation, const FreshnessOptions& options) {
  ASSIGN_OR_RETURN(std::vector<MetricFreshness> metrics,
                   CollectFreshness(invocation.connection, options.metrics));
  const auto total = static_cast<int64_t>(metrics.size());
  const int64_t stale = std::count_if(metrics.begin(), metrics.end(), &IsStale);
  if (options.stale) std::erase_if(metrics, [](const auto& metric) { return !IsStale(metric); });
  if (invocation.format == OutputFormat::kTable) {
    PrintTable(PeopleTable(invocation.connection, metrics), invocation.format,
               invocation.terminal.out);
  } else {
    PrintForPrograms(metrics, invocation);
  }
  invocation.summary() << FormatCount(stale) << " of " << FormatCountOf(total, "metric")
                       << " stale\n";
  if (stale > 0) invocation.terminal.err << "metricctl backfill --stale computes them again\n";
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
      "States: fresh; never_computed, newer_rows, rows_changed, calendar_changed, "
      "dataset_changed,\n"
      "upstream_changed (another version of a metric that it reads), upstream_stale: stale;\n"
      "no_rows, not_computed: nothing to do. stale_dates are what metricctl backfill --stale "
      "computes.\n"
      "A line is about the metric's own grain; stale points at another grain have a line of their "
      "own.\n\n"
      "Examples:\n"
      "  metricctl freshness\n"
      "  metricctl freshness price/daily_range_us 'volume/*'\n"
      "  metricctl freshness --stale --exit-code -o json");
}

}  // namespace metricstore::cli
