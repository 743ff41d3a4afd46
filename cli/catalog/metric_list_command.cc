#include <algorithm>
#include <nlohmann/json.hpp>

#include "absl/strings/str_join.h"
#include "cli/catalog/metric_commands.h"
#include "cli/catalog/metric_suggestions.h"
#include "cli/catalog/metric_text.h"
#include "cli/core/option_values.h"
#include "cli/core/resource_printer.h"
#include "cli/messages/window_text.h"
#include "cli/output/concat.h"
#include "cli/output/number_text.h"
#include "metricstore/registry/v1/catalog_service.grpc.pb.h"

namespace metricstore::cli {
namespace {

using registry::v1::CatalogService;
using registry::v1::ListMetricsRequest;
using registry::v1::Metric;
using registry::v1::SearchHit;
using registry::v1::SearchMetricsRequest;

constexpr int kPageSize = 1000;
constexpr int kSearchPageSize = 100;

struct MetricListOptions {
  std::string category;
  std::string filter;
  std::string search;
  std::string table;
  bool deleted = false;
  bool deleted_only = false;
  int limit = 20;
};

// The columns of a list for programs: they rely on names, new ones come at the end.
std::vector<TableColumn> ListColumns() {
  return {{"id"},
          {"version", true},
          {"type"},
          {"grain"},
          {"table"},
          {"window"},
          {"unit"},
          {"expression"},
          {"display_name"},
          {"latest_version", true},
          {"deleted", false, true},
          {"category"},
          {"owner"},
          {"tags"},
          {"description"}};
}

std::vector<std::string> ListRow(const Metric& metric) {
  return {metric.id(),
          std::to_string(metric.version()),
          TypeText(metric),
          GrainText(metric),
          metric.dataset(),
          WindowText(metric.window()),
          metric.unit(),
          metric.expression(),
          metric.display_name(),
          std::to_string(metric.latest_version()),
          metric.has_delete_time() ? "yes" : "no",
          metric.category(),
          metric.owner(),
          absl::StrJoin(metric.tags(), ", "),
          metric.description()};
}

// Tags are a list in JSON.
void PrintForPrograms(const std::vector<Metric>& metrics, const Invocation& invocation) {
  Table table{ListColumns(), {}};
  for (const Metric& metric : metrics) table.rows.push_back(ListRow(metric));
  std::ostream& out = invocation.terminal.out;
  if (invocation.format != OutputFormat::kJson) return PrintTable(table, invocation.format, out);
  nlohmann::ordered_json rows = JsonRows(table);
  for (size_t i = 0; i < metrics.size(); ++i) {
    rows[i]["tags"] = std::vector<std::string>(metrics[i].tags().begin(), metrics[i].tags().end());
  }
  PrintJsonValue(rows, out);
}

ListMetricsRequest RequestOf(const MetricListOptions& options) {
  ListMetricsRequest request;
  request.set_page_size(kPageSize);
  request.set_category(options.category);
  request.set_show_deleted(options.deleted || options.deleted_only);
  std::string filter = options.filter;
  if (!options.table.empty()) {
    const std::string reads = "tables:" + FilterString(options.table);
    filter = filter.empty() ? reads : Concat("(", filter, ") AND ", reads);
  }
  request.set_filter(filter);
  return request;
}

absl::StatusOr<std::vector<Metric>> CollectMetrics(Invocation& invocation,
                                                   const MetricListOptions& options) {
  std::vector<Metric> metrics;
  RETURN_IF_ERROR(ForEachPage(invocation.connection, &CatalogService::Stub::ListMetrics,
                              RequestOf(options), [&](const auto& page) {
                                metrics.insert(metrics.end(), page.metrics().begin(),
                                               page.metrics().end());
                              }));
  if (options.deleted_only) {
    std::erase_if(metrics, [](const Metric& metric) { return !metric.has_delete_time(); });
  }
  return metrics;
}

Table PeopleTable(const std::vector<Metric>& metrics) {
  Table table{{{"name"}, {"display_name"}, {"type"}, {"grain"}, {"unit"}, {"table"}, {"version"}},
              {}};
  for (const Metric& metric : metrics) {
    table.rows.push_back({metric.name(), metric.display_name(), TypeText(metric), GrainText(metric),
                          metric.unit(), TableText(metric), VersionText(metric)});
  }
  return table;
}

// The end of the run of metrics that share the category of metrics[first].
size_t EndOfCategory(const std::vector<Metric>& metrics, size_t first) {
  size_t end = first;
  while (end < metrics.size() && metrics[end].category() == metrics[first].category()) ++end;
  return end;
}

std::string TotalText(const std::vector<Metric>& metrics, int64_t categories) {
  int64_t pending = 0;
  for (const Metric& metric : metrics) {
    pending += metric.latest_version() > metric.active_version();
  }
  return Concat(FormatCountOf(static_cast<int64_t>(metrics.size()), "metric"), " in ",
                FormatCountOf(categories, "category"),
                pending == 0 ? "" : Concat(", ", pending, " with a version that waits"));
}

// Ids come sorted, so a category's metrics stand together.
void PrintByCategory(const std::vector<Metric>& metrics, std::ostream& out) {
  const std::vector<std::string> lines = AlignedLines(PeopleTable(metrics));
  for (size_t first = 0; first < metrics.size();) {
    const size_t end = EndOfCategory(metrics, first);
    if (first == 0) out << "  " << lines.front() << '\n';
    out << metrics[first].category() << " (" << end - first << ")\n";
    for (; first < end; ++first) out << "  " << lines[first + 1] << '\n';
  }
}

int64_t CountCategories(const std::vector<Metric>& metrics) {
  int64_t categories = 0;
  for (size_t first = 0; first < metrics.size(); first = EndOfCategory(metrics, first)) {
    ++categories;
  }
  return categories;
}

// Programs get the version as a number, and the score.
Table HitTable(bool people) {
  Table table{{{"id"},
               {"display_name"},
               {"found_in"},
               {"type"},
               {"grain"},
               {"unit"},
               {"table"},
               {"version", !people},
               {"description"}},
              {}};
  if (!people) table.columns.push_back({"score", true});
  return table;
}

std::vector<std::string> HitRow(const SearchHit& hit, bool people) {
  const Metric& metric = hit.metric();
  std::vector<std::string> row = {metric.id(),
                                  metric.display_name(),
                                  absl::StrJoin(hit.matched_fields(), ", "),
                                  TypeText(metric),
                                  GrainText(metric),
                                  metric.unit(),
                                  TableText(metric),
                                  people ? VersionText(metric) : std::to_string(metric.version()),
                                  metric.description()};
  if (!people) row.push_back(FormatNumber(hit.score()));
  return row;
}

absl::StatusOr<int> SearchMetrics(Invocation& invocation, const MetricListOptions& options) {
  const bool people = invocation.format == OutputFormat::kTable;
  Table table = HitTable(people);
  SearchMetricsRequest request;
  request.set_project(invocation.connection.project());
  request.set_query(options.search);
  request.set_category(options.category);
  int total = 0;
  do {
    const int left = options.limit - static_cast<int>(table.rows.size());
    request.set_page_size(std::min(left, kSearchPageSize));
    ASSIGN_OR_RETURN(
        const auto page,
        invocation.connection.Call(Peer::kRegistry, &CatalogService::Stub::SearchMetrics, request));
    for (const SearchHit& hit : page.hits()) table.rows.push_back(HitRow(hit, people));
    total = page.total_size();
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty() && static_cast<int>(table.rows.size()) < options.limit);
  PrintTable(table, invocation.format, invocation.terminal.out);
  const auto shown = static_cast<int64_t>(table.rows.size());
  invocation.summary() << FormatCount(shown) << " of " << FormatCountOf(total, "hit")
                       << (shown < total ? "; --limit N shows more" : "") << '\n';
  if (shown > 0) return kExitOk;
  if (!options.category.empty()) NoteUnknownCategory(invocation, options.category);
  NoteNearestNames(invocation, options.search);
  return kExitOk;
}

absl::Status CheckSearch(const MetricListOptions& options) {
  const bool deleted = options.deleted || options.deleted_only;
  if (options.filter.empty() && options.table.empty() && !deleted) return absl::OkStatus();
  return UsageError("--search goes with --category and --limit only");
}

absl::StatusOr<int> ListMetrics(Invocation& invocation, const MetricListOptions& options) {
  if (!options.search.empty()) {
    RETURN_IF_ERROR(CheckSearch(options));
    return SearchMetrics(invocation, options);
  }
  ASSIGN_OR_RETURN(const std::vector<Metric> metrics, CollectMetrics(invocation, options));
  if (invocation.format == OutputFormat::kTable) {
    PrintByCategory(metrics, invocation.terminal.out);
  } else {
    PrintForPrograms(metrics, invocation);
  }
  invocation.summary() << TotalText(metrics, CountCategories(metrics)) << '\n';
  if (metrics.empty() && !options.category.empty()) {
    NoteUnknownCategory(invocation, options.category);
  }
  return kExitOk;
}

}  // namespace

void AddMetricList(CLI::App& group, ChosenCommand& chosen) {
  const auto [list, options] = AddCommand(
      group, chosen, "list", "List metrics by category, or search them by words", &ListMetrics);
  list->add_option("--category", options->category, "Only this category");
  list->add_option(
      "--filter", options->filter,
      "Condition on fields: 'type = \"sum\" AND tags:\"core\" AND NOT owner = \"x*\"'");
  list->add_option("--search", options->search,
                   "Words of name, display name, synonyms, tags, description; the best hits first");
  list->add_option("--table", options->table, "Only metrics that read this table");
  list->add_flag("--deleted", options->deleted, "Deleted metrics too");
  list->add_flag("--deleted-only", options->deleted_only, "Deleted metrics, and no others");
  WholeNumber(list->add_option("--limit", options->limit,
                               "With --search: at most this many hits; default: 20"));
  list->footer(
      "(v2 pending) marks a version that waits to be promoted.\n\n"
      "Examples:\n"
      "  metricctl metrics list\n"
      "  metricctl metrics list --search 'opening range'\n"
      "  metricctl metrics list --table fact_bars --filter 'grain = \"day\"'\n"
      "  metricctl metrics list --category intraday -o json");
}

}  // namespace metricstore::cli
