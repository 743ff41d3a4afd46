#include "cli/core/option_values.h"
#include "cli/core/resource_printer.h"
#include "cli/datasets/column_text.h"
#include "cli/datasets/dataset_commands.h"
#include "cli/output/concat.h"
#include "cli/output/number_text.h"
#include "metricstore/registry/v1/dataset_service.grpc.pb.h"

namespace metricstore::cli {
namespace {

using registry::v1::ColumnMetadata;
using registry::v1::DatasetService;

constexpr int kPageSize = 1000;
// Who says so, when a person at the command line does not.
constexpr char kDefaultSource[] = "metricctl";

struct ColumnTableOptions {
  std::string table;
};

struct ColumnOptions {
  std::string column;  // TABLE.COLUMN
  std::string description;
  std::string confidence;
  std::string source = kDefaultSource;
  bool dry_run = false;
};

struct ColumnName {
  std::string table;
  std::string column;
};

absl::StatusOr<ColumnName> ParseColumn(const std::string& text) {
  const size_t dot = text.find('.');
  const bool good = dot != 0 && dot != std::string::npos && dot + 1 < text.size();
  if (good) return ColumnName{text.substr(0, dot), text.substr(dot + 1)};
  return WithHint(UsageError(Concat(Quoted(text), " is not of the form TABLE.COLUMN")),
                  "for example fact_bars.close");
}

void PrintColumn(const Invocation& invocation, const ColumnMetadata& column) {
  PrintResource(
      invocation, column,
      {.sections = {{"",
                     {{"table", column.table()},
                      {"column", column.column()},
                      {"type", EnumText(column.basetype(), "COLUMN_TYPE_")},
                      {"unit", column.unit()},
                      {"description", column.description()},
                      {"confidence", ConfidenceText(column)},
                      {"source", column.source()},
                      {"updated", TimeText(column.has_update_time(), column.update_time())}}}}});
}

absl::StatusOr<int> ListColumns(Invocation& invocation, const ColumnTableOptions& options) {
  registry::v1::ListColumnMetadataRequest request;
  request.set_table(options.table);
  request.set_page_size(kPageSize);
  return PrintList(
      invocation, &DatasetService::Stub::ListColumnMetadata, request,
      {{"table"},
       {"column"},
       {"type"},
       {"unit"},
       {"confidence", true},
       {"source"},
       {"updated"},
       {"description"}},
      [](const auto& page) -> const auto& { return page.columns(); },
      [](const ColumnMetadata& column) -> std::vector<std::string> {
        return {column.table(),
                column.column(),
                EnumText(column.basetype(), "COLUMN_TYPE_"),
                column.unit(),
                ConfidenceText(column),
                column.source(),
                TimeText(column.has_update_time(), column.update_time()),
                column.description()};
      });
}

absl::StatusOr<int> GetColumn(Invocation& invocation, const ColumnOptions& options) {
  ASSIGN_OR_RETURN(const ColumnName name, ParseColumn(options.column));
  registry::v1::GetColumnMetadataRequest request;
  request.set_project(invocation.connection.project());
  request.set_table(name.table);
  request.set_column(name.column);
  ASSIGN_OR_RETURN(const auto response,
                   invocation.connection.Call(Peer::kRegistry,
                                              &DatasetService::Stub::GetColumnMetadata, request));
  PrintColumn(invocation, response.column());
  return kExitOk;
}

absl::StatusOr<int> SetColumn(Invocation& invocation, const ColumnOptions& options) {
  ASSIGN_OR_RETURN(const ColumnName name, ParseColumn(options.column));
  // All three are set: another text is as sure as its author says, not as the one before.
  registry::v1::UpdateColumnMetadataRequest request;
  request.set_project(invocation.connection.project());
  request.set_validate_only(options.dry_run);
  for (const char* field : {"description", "confidence", "source"}) {
    request.mutable_update_mask()->add_paths(field);
  }
  ColumnMetadata& column = *request.mutable_column();
  column.set_table(name.table);
  column.set_column(name.column);
  column.set_description(options.description);
  column.set_source(options.source);
  if (!options.confidence.empty()) {
    ASSIGN_OR_RETURN(const double confidence, ParseConfidence(options.confidence));
    column.set_confidence(confidence);
  }
  ASSIGN_OR_RETURN(const auto response,
                   invocation.connection.Call(
                       Peer::kRegistry, &DatasetService::Stub::UpdateColumnMetadata, request));
  PrintColumn(invocation, response.column());
  if (options.dry_run) invocation.terminal.err << "dry run: nothing stored\n";
  return kExitOk;
}

absl::StatusOr<int> PushColumns(Invocation& invocation, const ColumnTableOptions& options) {
  RETURN_IF_ERROR(RefuseCsv(invocation.format, "columns push"));
  registry::v1::PushColumnDescriptionsRequest request;
  request.set_project(invocation.connection.project());
  request.set_table(options.table);
  ASSIGN_OR_RETURN(const auto response,
                   invocation.connection.Call(
                       Peer::kRegistry, &DatasetService::Stub::PushColumnDescriptions, request));
  if (invocation.format == OutputFormat::kJson) {
    PrintJson(response, invocation.terminal.out);
    return kExitOk;
  }
  invocation.terminal.out << FormatCountOf(response.columns_changed(), "column comment")
                          << " written in " << FormatCountOf(response.tables_size(), "table")
                          << '\n';
  return kExitOk;
}

void AddColumnReads(CLI::App& group, ChosenCommand& chosen) {
  const auto [list, list_options] =
      AddCommand(group, chosen, "list", "List what is known of columns", &ListColumns);
  list->add_option("TABLE", list_options->table, "Only this dataset's");
  list->footer(
      "Examples:\n"
      "  metricctl columns list\n"
      "  metricctl columns list fact_bars -o json");
  const auto [get, get_options] =
      AddCommand(group, chosen, "get", "Show what is known of one column", &GetColumn);
  get->add_option("TABLE.COLUMN", get_options->column, "Dataset and column")->required();
  get->footer("Examples:\n  metricctl columns get fact_bars.close");
}

void AddColumnWrites(CLI::App& group, ChosenCommand& chosen) {
  const auto [set, set_options] =
      AddCommand(group, chosen, "set", "Say what a column means", &SetColumn);
  set->add_option("TABLE.COLUMN", set_options->column, "Dataset and column")->required();
  set->add_option("--description", set_options->description, "What the values mean; '' empties it")
      ->required();
  set->add_option("--confidence", set_options->confidence,
                  "How sure that is, 0 to 1; default: not said");
  set->add_option("--source", set_options->source, "Who says so; default: metricctl");
  set->add_flag("--dry-run", set_options->dry_run, "Check it and store nothing");
  set->footer(
      "A later import of the dataset keeps what was set here.\n\n"
      "Examples:\n"
      "  metricctl columns set fact_bars.close --description 'Last trade of the minute.' \\\n"
      "      --confidence 0.9 --source 'vendor manual'");
  const auto [push, push_options] = AddCommand(
      group, chosen, "push", "Write descriptions to PostgreSQL as comments", &PushColumns);
  push->add_option("TABLE", push_options->table, "Only this dataset; default: all of the project");
  push->footer(
      "Examples:\n"
      "  metricctl columns push\n"
      "  metricctl columns push fact_bars");
}

}  // namespace

void AddColumnCommands(CLI::App& app, ChosenCommand& chosen) {
  CLI::App* group = AddGroup(app, "columns", "Show and describe the columns of datasets");
  AddColumnReads(*group, chosen);
  AddColumnWrites(*group, chosen);
}

}  // namespace metricstore::cli
