#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "absl/strings/str_join.h"
#include "cli/core/bucket_text.h"
#include "cli/core/date_range.h"
#include "cli/core/option_values.h"
#include "cli/evaluation/evaluated_metrics.h"
#include "cli/evaluation/evaluation_commands.h"
#include "cli/evaluation/explanation_text.h"
#include "cli/evaluation/row_cells.h"
#include "cli/messages/proto_json.h"
#include "cli/output/concat.h"
#include "cli/output/error_printer.h"
#include "cli/output/number_text.h"
#include "cli/query/point_value.h"
#include "common/status/macros.h"
#include "metricstore/compute/v1/compute_service.grpc.pb.h"

namespace metricstore::cli {
namespace {

using compute::v1::ComputeService;
using compute::v1::EvaluatedPoint;
using compute::v1::ExplainMetricRequest;
using compute::v1::ExplainMetricResponse;

constexpr int kMostRows = 1000;
// Years of rows may be read for a window that reaches back.
constexpr absl::Duration kTimeout = absl::Minutes(2);

// Which of the metrics is meant.
absl::StatusOr<size_t> ChooseMetric(const std::vector<GivenMetric>& metrics,
                                    const ExplainOptions& options) {
  if (metrics.size() == 1 && options.chosen.empty()) return 0;
  std::vector<std::string> ids;
  for (size_t i = 0; i < metrics.size(); ++i) {
    const auto& definition = metrics[i].metric.definition();
    if (definition.id() == options.chosen || definition.name() == options.chosen) return i;
    ids.push_back(definition.id());
  }
  const std::string what =
      options.chosen.empty() ? Concat(options.metric, " defines ",
                                      FormatCountOf(static_cast<int64_t>(ids.size()), "metric"))
                             : Concat(options.metric, " does not define ", Quoted(options.chosen));
  return WithHint(UsageError(what), Concat("--metric names one of ", absl::StrJoin(ids, ", ")));
}

// Whether the expression may read metric `id`: a literal of that text is enough.
bool MayRead(const registry::v1::Metric& definition, const std::string& id) {
  return definition.expression().find(Concat("'", id, "'")) != std::string::npos;
}

// Which others of the file the chosen metric reads, directly or through others; in their order.
std::vector<size_t> ReadBy(const std::vector<GivenMetric>& metrics, size_t chosen) {
  std::vector<size_t> reached = {chosen};
  std::vector<bool> is_reached(metrics.size(), false);
  is_reached[chosen] = true;
  for (size_t next = 0; next < reached.size(); ++next) {
    const auto& reader = metrics[reached[next]].metric.definition();
    for (size_t i = 0; i < metrics.size(); ++i) {
      if (is_reached[i] || !MayRead(reader, metrics[i].metric.definition().id())) continue;
      is_reached[i] = true;
      reached.push_back(i);
    }
  }
  reached.erase(reached.begin());
  std::sort(reached.begin(), reached.end());
  return reached;
}

absl::Status SetMetrics(Invocation& invocation, const ExplainOptions& options,
                        ExplainMetricRequest& request, RequestPlaces& places) {
  ASSIGN_OR_RETURN(const GivenMetrics given, ReadEvaluatedMetrics(invocation, {options.metric}));
  const std::vector<GivenMetric>& metrics = given.metrics;
  places.datasets = given.datasets;
  ASSIGN_OR_RETURN(const size_t chosen, ChooseMetric(metrics, options));
  *request.mutable_metric() = metrics[chosen].metric;
  // A name stands in the request without an index and is told as it is.
  if (metrics[chosen].metric.has_definition()) {
    places.metrics.push_back(PlaceOf(metrics[chosen], "metric"));
  }
  for (const size_t i : ReadBy(metrics, chosen)) {
    const auto& definition = metrics[i].metric.definition();
    places.metrics.push_back({Concat("definitions[", request.definitions_size(), "]"),
                              definition.id(), metrics[i].source});
    *request.add_definitions() = definition;
  }
  return absl::OkStatus();
}

absl::Status SetHour(const std::string& text, ExplainMetricRequest& request) {
  if (text.empty()) return absl::OkStatus();
  absl::Time hour;
  if (!absl::ParseTime("%Y-%m-%dT%H:%M:%E*S%Ez", text, &hour, nullptr)) {
    return UsageError(
        Concat("--hour ", Quoted(text), " is not an instant such as 2024-03-04T15:00:00Z"));
  }
  request.mutable_hour()->set_seconds(absl::ToUnixSeconds(hour));
  return absl::OkStatus();
}

absl::StatusOr<ExplainMetricRequest> RequestOf(Invocation& invocation,
                                               const ExplainOptions& options,
                                               RequestPlaces& places) {
  ExplainMetricRequest request;
  ASSIGN_OR_RETURN(const absl::CivilDay date, ParseDateOption("--date", options.date));
  ASSIGN_OR_RETURN(const registry::v1::Grain grain, ParseGrainOption(options.grain));
  RETURN_IF_ERROR(SetHour(options.hour, request));
  request.set_project(invocation.connection.project());
  request.set_entity(options.entity);
  request.set_date(FormatDate(date));
  request.set_grain(grain);
  request.set_row_limit(options.rows);
  RETURN_IF_ERROR(SetMetrics(invocation, options, request, places));
  return request;
}

// A point with the value of its kind, as `trend` has it.
nlohmann::ordered_json PointJson(const EvaluatedPoint& point, const std::string& expression) {
  nlohmann::ordered_json json = JsonOf(point);
  for (const char* const field : {"value", "status", "text"}) json.erase(field);
  AddValue(ValueOf(point.status(), point.value(), point.text(), GivesVectors(expression)), &json);
  return json;
}

// Programs get values of their kinds and the rows as objects.
absl::Status PrintExplanationJson(const ExplainMetricResponse& answer, std::ostream& out) {
  nlohmann::ordered_json json = JsonOf(answer);
  if (answer.has_point()) json["point"] = PointJson(answer.point(), answer.canonical_expression());
  for (int i = 0; i < answer.parts_size(); ++i) {
    const auto& part = answer.parts(i);
    if (part.has_point()) {
      json["parts"][static_cast<size_t>(i)]["point"] = PointJson(part.point(), part.expression());
    }
  }
  if (answer.has_rows()) {
    ASSIGN_OR_RETURN(json["rows"], RowsJson(answer.rows()));
  }
  PrintJsonValue(json, out);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<int> RunExplain(Invocation& invocation, const ExplainOptions& options) {
  RETURN_IF_ERROR(RefuseCsv(invocation.format, "explain"));
  RequestPlaces places;
  ASSIGN_OR_RETURN(const ExplainMetricRequest request, RequestOf(invocation, options, places));
  const absl::StatusOr<ExplainMetricResponse> explained = invocation.connection.Call(
      Peer::kCompute, &ComputeService::Stub::ExplainMetric, request, kTimeout);
  if (!explained.ok()) return WithMetricNames(explained.status(), places);
  const ExplainMetricResponse& answer = *explained;
  if (invocation.format == OutputFormat::kJson) {
    RETURN_IF_ERROR(PrintExplanationJson(answer, invocation.terminal.out));
    return kExitOk;
  }
  MetricBuckets buckets(invocation.connection);
  buckets.Add(answer.definition());
  RETURN_IF_ERROR(PrintExplanation(answer, options.entity, buckets, invocation.terminal.out));
  return kExitOk;
}

void AddExplainCommand(CLI::App& app, ChosenCommand& chosen) {
  const auto [command, options] =
      AddCommand(app, chosen, "explain", "Say why a metric has its value on a date", &RunExplain);
  command
      ->add_option("METRIC", options->metric,
                   "A metric's name (NAME@2: a version), or a *.yaml file of definitions")
      ->required();
  command->add_option("--metric", options->chosen, "Which metric of a file that defines several");
  command->add_option("--entity", options->entity,
                      "Whose value; needed where the dataset has entities");
  command->add_option("--date", options->date, "A date of the bucket, YYYY-MM-DD")->required();
  command->add_option("--grain", options->grain,
                      "hour, day, week, month, quarter or year; default: the metric's own");
  command->add_option("--hour", options->hour,
                      "Of an hourly metric, the bucket's start: 2024-03-04T15:00:00Z; default: the "
                      "date's first with a point");
  WholeNumber(command->add_option("--rows", options->rows,
                                  "Show so many rows of the window, the first and last half"),
              0, kMostRows);
  command->footer(
      "It evaluates the metric anew and stores nothing: what is stored may be older. Of a file, "
      "what "
      "the\n"
      "metric reads of the file's other metrics is evaluated as it is written there.\n\n"
      "Examples:\n"
      "  metricctl explain 30m_open_change_us --entity SPY --date 2024-03-04\n"
      "  metricctl explain 30m_open_change_us --entity SPY --date 2024-03-04 --rows 6\n"
      "  metricctl explain metrics/intraday/my_range.yaml --entity SPY --date 2024-03-04 -o json");
}

}  // namespace metricstore::cli
