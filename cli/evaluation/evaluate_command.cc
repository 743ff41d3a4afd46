#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "cli/core/bucket_text.h"
#include "cli/core/date_range.h"
#include "cli/core/option_values.h"
#include "cli/evaluation/evaluated_metrics.h"
#include "cli/evaluation/evaluation_commands.h"
#include "cli/output/concat.h"
#include "cli/output/error_printer.h"
#include "cli/output/number_text.h"
#include "cli/output/progress_bar.h"
#include "cli/query/shown_metrics.h"
#include "cli/query/trend_command.h"
#include "common/status/macros.h"
#include "metricstore/compute/v1/compute_service.grpc.pb.h"

namespace metricstore::cli {
namespace {

using compute::v1::ComputeService;
using compute::v1::EvaluatedMetric;
using compute::v1::EvaluatedSeries;
using compute::v1::EvaluateRequest;
using compute::v1::EvaluateResponse;

constexpr absl::Duration kPlainInterval = absl::Seconds(10);

absl::StatusOr<EvaluateRequest> RequestOf(Invocation& invocation, const EvaluateOptions& options,
                                          RequestPlaces* places) {
  EvaluateRequest request;
  ASSIGN_OR_RETURN(const DateRange dates, ParseDateRange(options.from, options.to));
  ASSIGN_OR_RETURN(const registry::v1::Grain grain, ParseGrainOption(options.grain));
  request.set_project(invocation.connection.project());
  request.mutable_entities()->Assign(options.entities.begin(), options.entities.end());
  ToProto(dates, request.mutable_dates());
  request.set_grain(grain);
  ASSIGN_OR_RETURN(GivenMetrics given, ReadEvaluatedMetrics(invocation, options.metrics));
  places->datasets = std::move(given.datasets);
  for (GivenMetric& metric : given.metrics) {
    const std::string field = Concat("metrics[", request.metrics_size(), "]");
    places->metrics.push_back(PlaceOf(metric, field));
    *request.add_metrics() = std::move(metric.metric);
  }
  return request;
}

// Titles, dates and vectors want more of a metric than its points tell.
class MetricTexts {
 public:
  MetricTexts(Invocation& invocation, const EvaluateRequest& request)
      : invocation_(invocation), buckets_(invocation.connection), metrics_(invocation.connection) {
    for (const EvaluatedMetric& metric : request.metrics()) {
      if (!metric.has_definition()) continue;
      buckets_.Add(metric.definition());
      metrics_.Add(metric.definition());
    }
  }

  PointsOrigin OriginOf(const EvaluatedSeries& series) {
    const bool people = invocation_.format == OutputFormat::kTable;
    return {series.metric(), series.version(), series.grain(),
            people ? UnitOf(series.metric(), series.version()) : ""};
  }

  TrendWriter::Lookups Lookups() {
    return {
        .start_text = [this](const std::string& metric, registry::v1::Grain grain,
                             absl::Time start) { return buckets_.Text(metric, grain, start); },
        .expression = [this](const std::string& metric,
                             int version) { return metrics_.Find(metric, version).expression(); }};
  }

 private:
  std::string UnitOf(const std::string& metric, int version) {
    const auto [unit, is_new] = units_.try_emplace({metric, version});
    if (!is_new) return unit->second;
    const registry::v1::Metric& definition = metrics_.Find(metric, version);
    if (!definition.id().empty()) buckets_.Add(definition);
    return unit->second = definition.unit();
  }

  Invocation& invocation_;
  MetricBuckets buckets_;
  ShownMetrics metrics_;
  std::map<std::pair<std::string, int>, std::string> units_;  // by metric and version
};

void PrintMissing(const EvaluateOptions& options, const TrendWriter& writer, std::ostream& err) {
  if (writer.points() == 0) {
    err << "note: no points: no rows that the metrics see are stored there\n";
    return;
  }
  for (const std::string& entity : options.entities) {
    if (!writer.entities().contains(entity)) {
      err << "note: no points for entity " << Quoted(entity) << '\n';
    }
  }
}

// Reads the stream to its end into `writer`. Rows read.
absl::StatusOr<int64_t> ReadSeries(Invocation& invocation, const EvaluateRequest& request,
                                   absl::Duration timeout, MetricTexts& texts,
                                   TrendWriter& writer) {
  ASSIGN_OR_RETURN(const auto channel, invocation.connection.ChannelTo(Peer::kCompute));
  const auto stub = ComputeService::NewStub(channel);
  rpc::BoundedContext context(
      {.deadline = absl::Now() + timeout, .cancel = invocation.connection.interrupt()});
  const auto stream = stub->Evaluate(context.get(), request);
  ProgressBar bar(invocation.terminal, invocation.clock, kPlainInterval);
  // Lines of data and the line of progress would stand between each other.
  const bool shown =
      invocation.format == OutputFormat::kTable || !invocation.terminal.out_is_terminal;
  const auto show = [&](int64_t rows) {
    if (!shown) return;
    bar.Show(
        {"evaluating", std::nullopt,
         Concat(FormatCountOf(rows, "row"), " read, ", FormatCountOf(writer.points(), "point"))});
  };
  int64_t rows = 0;
  show(rows);
  EvaluateResponse message;
  while (stream->Read(&message)) {
    rows = message.rows_read();
    for (EvaluatedSeries& series : *message.mutable_series()) {
      if (series.points().entity().empty()) {
        series.mutable_points()->set_entity(series.entity());
      }
      writer.Add(texts.OriginOf(series), series.points());
    }
    show(rows);
  }
  RETURN_IF_ERROR(invocation.connection.Explain(Peer::kCompute, stream->Finish()));
  return rows;
}

}  // namespace

absl::StatusOr<int> RunEvaluate(Invocation& invocation, const EvaluateOptions& options) {
  ASSIGN_OR_RETURN(const absl::Duration timeout, ParseTimeout(options.timeout));
  RequestPlaces places;
  ASSIGN_OR_RETURN(const EvaluateRequest request, RequestOf(invocation, options, &places));
  MetricTexts texts(invocation, request);
  TrendWriter writer(invocation.format, invocation.terminal.out, texts.Lookups());
  const absl::StatusOr<int64_t> rows = ReadSeries(invocation, request, timeout, texts, writer);
  if (!rows.ok()) return WithMetricNames(rows.status(), places);
  writer.Finish();
  writer.PrintNotes(invocation.terminal.err);
  PrintMissing(options, writer, invocation.terminal.err);
  invocation.terminal.err << FormatCountOf(writer.points(), "point") << " of "
                          << FormatCountOf(*rows, "row") << "; nothing stored\n";
  return kExitOk;
}

void AddEvaluateCommand(CLI::App& app, ChosenCommand& chosen) {
  const auto [command, options] = AddCommand(
      app, chosen, "evaluate", "Evaluate metrics over stored rows without storing", &RunEvaluate);
  command
      ->add_option("METRIC", options->metrics,
                   "Metrics' names (NAME@2: a version), or *.yaml files and folders of definitions")
      ->required();
  Repeatable(command->add_option("--entity", options->entities,
                                 "Whose points (repeatable); default: all that have rows"));
  command->add_option("--from", options->from, "First date, YYYY-MM-DD")->required();
  command->add_option("--to", options->to, "Last date, included")->required();
  command->add_option("--grain", options->grain,
                      "hour, day, week, month, quarter or year; default: each metric's own");
  command->add_option("--timeout", options->timeout,
                      "How long to wait for all points; default: 10m");
  command->footer(
      "A preview: definitions of a file are evaluated as they are written there, also where a "
      "metric of\n"
      "their name is stored; the metrics of one call see each other. Nothing is stored, tests are "
      "not run.\n"
      "Formats are those of metricctl trend; the version of what is not stored is 0.\n\n"
      "Examples:\n"
      "  metricctl evaluate metrics/intraday/my_range.yaml --entity SPY --from 2024-03-04 \\\n"
      "      --to 2024-03-08\n"
      "  metricctl evaluate rth_close rth_close@1 --from 2024-03-04 --to 2024-03-08 -o csv\n"
      "  metricctl evaluate 30m_open_change_us --entity SPY --from 2024-01-01 --to 2024-03-31 \\\n"
      "      --grain week");
}

}  // namespace metricstore::cli
