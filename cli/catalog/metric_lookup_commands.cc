#include "absl/strings/str_join.h"
#include "cli/catalog/metric_commands.h"
#include "cli/catalog/metric_text.h"
#include "cli/core/resource_printer.h"
#include "cli/output/concat.h"
#include "cli/output/number_text.h"
#include "metricstore/registry/v1/catalog_service.grpc.pb.h"

namespace metricstore::cli {
namespace {

using registry::v1::CatalogService;
using registry::v1::Metric;
using registry::v1::TableUse;

constexpr int kPageSize = 1000;

struct TableMapOptions {
  std::string table;
};

struct SynonymOptions {
  std::string word;
};

std::vector<TableColumn> MetricColumns() {
  return {{"id"}, {"display_name"}, {"type"}, {"grain"}, {"unit"}, {"version", true}, {"synonyms"}};
}

std::vector<std::string> MetricRow(const Metric& metric) {
  return {metric.id(),
          metric.display_name(),
          TypeText(metric),
          GrainText(metric),
          metric.unit(),
          std::to_string(metric.version()),
          absl::StrJoin(metric.synonyms(), ", ")};
}

// Prints the metrics, and a note where there are none.
int PrintMetrics(const Invocation& invocation, const Table& table, const std::string& note) {
  PrintTable(table, invocation.format, invocation.terminal.out);
  if (table.rows.empty()) invocation.terminal.err << "note: " << note << '\n';
  return kExitOk;
}

absl::StatusOr<int> ShowTable(Invocation& invocation, const std::string& name) {
  Table table{MetricColumns(), {}};
  registry::v1::FindByTableRequest request;
  request.set_table(name);
  request.set_page_size(kPageSize);
  RETURN_IF_ERROR(CollectRows(
      invocation.connection, &CatalogService::Stub::FindByTable, request,
      [](const auto& page) -> const auto& { return page.metrics(); }, &MetricRow, table));
  return PrintMetrics(invocation, table,
                      Concat("no metric reads ", Quoted(name),
                             "; metricctl metrics tables shows what metrics read"));
}

void PrintMap(const std::vector<TableUse>& uses, std::ostream& out) {
  for (const TableUse& use : uses) {
    out << use.table() << " (" << use.metrics_size() << ")\n";
    for (const std::string& metric : use.metrics()) out << "  " << metric << '\n';
  }
}

absl::StatusOr<int> ShowTableMap(Invocation& invocation, const TableMapOptions& options) {
  if (!options.table.empty()) return ShowTable(invocation, options.table);
  std::vector<TableUse> uses;
  registry::v1::GetTableMapRequest request;
  request.set_page_size(kPageSize);
  RETURN_IF_ERROR(ForEachPage(invocation.connection, &CatalogService::Stub::GetTableMap, request,
                              [&](const auto& page) {
                                uses.insert(uses.end(), page.tables().begin(), page.tables().end());
                              }));
  std::ostream& out = invocation.terminal.out;
  if (invocation.format == OutputFormat::kTable) {
    PrintMap(uses, out);
  } else if (invocation.format == OutputFormat::kJson) {
    std::vector<const google::protobuf::Message*> messages;
    for (const TableUse& use : uses) messages.push_back(&use);
    PrintJsonArray(messages, out);
  } else {
    Table table{{{"table"}, {"metric"}}, {}};
    for (const TableUse& use : uses) {
      for (const std::string& metric : use.metrics()) table.rows.push_back({use.table(), metric});
    }
    PrintTable(table, invocation.format, out);
  }
  invocation.summary() << FormatCountOf(static_cast<int64_t>(uses.size()), "table") << '\n';
  return kExitOk;
}

absl::StatusOr<int> ShowSynonym(Invocation& invocation, const SynonymOptions& options) {
  registry::v1::FindBySynonymRequest request;
  request.set_project(invocation.connection.project());
  request.set_synonym(options.word);
  ASSIGN_OR_RETURN(
      const auto response,
      invocation.connection.Call(Peer::kRegistry, &CatalogService::Stub::FindBySynonym, request));
  Table table{MetricColumns(), {}};
  for (const Metric& metric : response.metrics()) table.rows.push_back(MetricRow(metric));
  const int exit_code = PrintMetrics(invocation, table,
                                     Concat("no metric is called ", Quoted(options.word),
                                            "; metricctl metrics list --search finds parts"));
  if (table.rows.size() > 1) {
    invocation.terminal.err << "note: " << Quoted(options.word) << " is ambiguous: say the id\n";
  }
  return exit_code;
}

}  // namespace

void AddMetricLookups(CLI::App& group, ChosenCommand& chosen) {
  const auto [tables, table_options] =
      AddCommand(group, chosen, "tables", "Show which metrics read which tables", &ShowTableMap);
  tables->add_option("TABLE", table_options->table, "Only the metrics that read this table");
  tables->footer(
      "Examples:\n"
      "  metricctl metrics tables\n"
      "  metricctl metrics tables fact_bars -o csv");
  const auto [synonym, synonym_options] = AddCommand(
      group, chosen, "synonym", "Show which metrics people call by a name", &ShowSynonym);
  synonym->add_option("WORD", synonym_options->word, "A name, in any case")->required();
  synonym->footer(
      "Examples:\n"
      "  metricctl metrics synonym 'monthly recurring revenue'\n"
      "  metricctl metrics synonym arpu -o json");
}

}  // namespace metricstore::cli
