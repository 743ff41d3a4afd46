#include "absl/strings/str_join.h"
#include "cli/catalog_commands.h"
#include "cli/output/error_printer.h"
#include "cli/output/table_printer.h"
#include "cli/paging.h"
#include "cli/proto_text.h"
#include "common/time/iso8601.h"
#include "metricstore/registry/v1/catalog_service.grpc.pb.h"

namespace metricstore::cli {
namespace {

using registry::v1::CatalogService;
using registry::v1::Metric;

Fields MetricFields(const Metric& metric) {
  Fields fields = {{"id", metric.id()},
                   {"display_name", metric.display_name()},
                   {"description", metric.description()},
                   {"type", EnumText(metric.type(), "METRIC_TYPE_")},
                   {"unit", metric.unit()},
                   {"grain", EnumText(metric.grain(), "GRAIN_")},
                   {"dataset", metric.dataset()},
                   {"window", WindowText(metric.window())},
                   {"expression", metric.expression()},
                   {"filters", absl::StrJoin(metric.filters(), " and ")},
                   {"sql", metric.sql()},
                   {"columns", absl::StrJoin(metric.columns(), ", ")},
                   {"tables", absl::StrJoin(metric.tables(), ", ")},
                   {"depends_on", absl::StrJoin(metric.depends_on(), ", ")},
                   {"dimensions", absl::StrJoin(metric.dimensions(), ", ")},
                   {"rollup", metric.rollup()},
                   {"synonyms", absl::StrJoin(metric.synonyms(), ", ")},
                   {"notes", metric.notes()},
                   {"validation", metric.validation()},
                   {"owner", metric.owner()},
                   {"tags", absl::StrJoin(metric.tags(), ", ")},
                   {"version", std::to_string(metric.version())},
                   {"active_version", std::to_string(metric.active_version())}};
  if (metric.has_create_time()) {
    fields.emplace_back("created", FormatInstant(InstantOf(metric.create_time())));
  }
  if (metric.has_update_time()) {
    fields.emplace_back("updated", FormatInstant(InstantOf(metric.update_time())));
  }
  return fields;
}

std::vector<std::string> ListRow(const Metric& metric) {
  return {metric.id(),
          std::to_string(metric.version()),
          EnumText(metric.type(), "METRIC_TYPE_"),
          EnumText(metric.grain(), "GRAIN_"),
          metric.dataset(),
          WindowText(metric.window()),
          metric.unit(),
          metric.expression()};
}

}  // namespace

void AddMetricCommands(CLI::App& app, ChosenCommand& chosen) {
  CLI::App* group = app.add_subcommand("metrics", "Show the metric definitions");
  group->require_subcommand(1);
  const auto [list, list_options] =
      AddCommand(*group, chosen, "list", "List all metrics", &ListMetrics);
  list->add_option("--category", list_options->category, "Only this category");
  list->footer(
      "Examples:\n"
      "  metricctl metrics list\n"
      "  metricctl metrics list --category intraday -o csv");
  const auto [show, options] =
      AddCommand(*group, chosen, "show", "Show a metric's definition", &ShowMetric);
  show->add_option("NAME", options->name, "The id category/name, or the name alone if it is unique")
      ->required();
  show->add_option("--metric-version", options->version, "A version; default: the active one")
      ->check(CLI::PositiveNumber);
  show->footer(
      "Examples:\n"
      "  metricctl metrics show daily_range_us\n"
      "  metricctl metrics show intraday/daily_range_us --metric-version 1 -o json");
}

absl::StatusOr<int> ListMetrics(Invocation& invocation, const ListOptions& options) {
  Table table{{{"id"},
               {"version", true},
               {"type"},
               {"grain"},
               {"dataset"},
               {"window"},
               {"unit"},
               {"expression"}},
              {}};
  registry::v1::ListMetricsRequest request;
  request.set_category(options.category);
  RETURN_IF_ERROR(ForEachPage(invocation.connection, &CatalogService::Stub::ListMetrics, request,
                              [&](const auto& page) {
                                for (const Metric& metric : page.metrics()) {
                                  table.rows.push_back(ListRow(metric));
                                }
                              }));
  PrintTable(table, invocation.format, invocation.terminal.out);
  return kExitOk;
}

absl::StatusOr<int> ShowMetric(Invocation& invocation, const ShowOptions& options) {
  registry::v1::GetMetricRequest request;
  request.set_project(invocation.connection.project());
  request.set_name(options.name);
  request.set_version(options.version);
  ASSIGN_OR_RETURN(
      const auto response,
      invocation.connection.Call(Peer::kRegistry, &CatalogService::Stub::GetMetric, request));
  std::ostream& out = invocation.terminal.out;
  const Fields fields = MetricFields(response.metric());
  switch (invocation.format) {
    case OutputFormat::kJson:
      PrintJson(response.metric(), out);
      break;
    case OutputFormat::kTable:
      PrintFields(fields, out);
      break;
    case OutputFormat::kCsv:
      out << CsvLine({"field", "value"});
      for (const auto& [name, value] : fields) out << CsvLine({name, value});
      break;
  }
  return kExitOk;
}

}  // namespace metricstore::cli
