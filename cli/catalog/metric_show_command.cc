#include <map>

#include "absl/strings/str_join.h"
#include "cli/catalog/metric_commands.h"
#include "cli/catalog/metric_text.h"
#include "cli/core/metric_ref.h"
#include "cli/core/option_values.h"
#include "cli/core/resource_printer.h"
#include "cli/messages/window_text.h"
#include "cli/output/concat.h"
#include "cli/output/number_text.h"
#include "common/time/iso8601.h"

namespace metricstore::cli {
namespace {

using registry::v1::Metric;

struct MetricShowOptions {
  std::string name;
  int version = 0;
};

template <typename Texts>
std::string Lines(const Texts& texts) {
  return absl::StrJoin(texts, "\n");
}

Fields SqlFields(const Metric& metric) {
  Fields fields = {{"sql", metric.sql()}};
  // Maps have no order of their own.
  std::map<std::string, std::string> variants(metric.sql_variants().begin(),
                                              metric.sql_variants().end());
  for (const auto& [name, sql] : variants) fields.emplace_back("sql_by_" + name, sql);
  return fields;
}

std::string ServedText(const Metric& metric) {
  if (metric.version() == metric.active_version()) return "this one is served";
  return Concat("version ", metric.active_version(), " is served");
}

std::string PendingText(const Metric& metric) {
  if (metric.latest_version() <= metric.active_version()) return "";
  return Concat("version ", metric.latest_version(), " waits: metricctl metrics promote ",
                metric.id());
}

Fields VersionFields(const Metric& metric) {
  return {{"version", std::to_string(metric.version())},
          {"active", ServedText(metric)},
          {"pending", PendingText(metric)},
          {"etag", metric.etag()},
          {"created", TimeText(metric.has_create_time(), metric.create_time())},
          {"updated", TimeText(metric.has_update_time(), metric.update_time())},
          {"deleted", TimeText(metric.has_delete_time(), metric.delete_time())}};
}

std::string TimeframeText(const Metric& metric) {
  if (!metric.has_timeframe()) return "";
  const bool session = metric.timeframe_alignment() == registry::v1::BAR_ALIGNMENT_SESSION;
  return Concat(FormatSpan(SpanOf(metric.timeframe())), session ? " from the session's open" : "");
}

Fields TestFields(const Metric& metric) {
  Fields fields;
  for (const auto& test : metric.tests()) {
    fields.emplace_back("test", Concat(test.name(), " (", FormatCountOf(test.rows_size(), "row"),
                                       ", ", FormatCountOf(test.expect_size(), "point"), ")"));
  }
  return fields;
}

std::vector<FieldSection> Sections(const Metric& metric) {
  return {{"identity",
           {{"id", metric.id()},
            {"display_name", metric.display_name()},
            {"description", metric.description()},
            {"owner", metric.owner()},
            {"source", metric.source()}}},
          {"what it computes",
           {{"type", TypeText(metric)},
            {"unit", metric.unit()},
            {"grain", GrainText(metric)},
            {"table", metric.dataset()},
            {"expression", metric.expression()},
            {"window", WindowText(metric.window())},
            {"filters", Lines(metric.filters())},
            {"dimensions", absl::StrJoin(metric.dimensions(), ", ")},
            {"time_column", metric.time_column()},
            {"timeframe", TimeframeText(metric)},
            {"rollup", metric.rollup()},
            {"not computed", metric.not_computed()}}},
          {"sql", SqlFields(metric)},
          {"reads",
           {{"tables", absl::StrJoin(metric.tables(), ", ")},
            {"columns",
             absl::StrJoin(metric.reads().empty() ? metric.columns() : metric.reads(), ", ")},
            {"metrics", absl::StrJoin(metric.depends_on(), ", ")}}},
          {"versions", VersionFields(metric)},
          {"words",
           {{"synonyms", absl::StrJoin(metric.synonyms(), ", ")},
            {"tags", absl::StrJoin(metric.tags(), ", ")},
            {"notes", metric.notes()},
            {"validation", metric.validation()}}},
          {"tests", TestFields(metric)}};
}

absl::StatusOr<int> ShowMetric(Invocation& invocation, const MetricShowOptions& options) {
  ASSIGN_OR_RETURN(const auto ref, ParseMetricRef(options.name, options.version));
  ASSIGN_OR_RETURN(const Metric metric, GetMetric(invocation, ref.id(), ref.version()));
  PrintResource(invocation, metric, {.sections = Sections(metric)});
  return kExitOk;
}

}  // namespace

void AddMetricShow(CLI::App& group, ChosenCommand& chosen) {
  const auto [show, options] =
      AddCommand(group, chosen, "show", "Show a metric's definition", &ShowMetric);
  AddMetricName(*show, options->name)
      ->description("The id category/name, or the name alone if it is unique; NAME@2: version 2");
  WholeNumber(show->add_option("--version,--metric-version", options->version,
                               "A version; default: the active one"));
  show->footer(
      "Examples:\n"
      "  metricctl metrics show daily_range_us\n"
      "  metricctl metrics show daily_range_us@1\n"
      "  metricctl metrics show price/daily_range_us --version 1 -o json");
}

}  // namespace metricstore::cli
