#include "absl/strings/str_join.h"
#include "cli/catalog_commands.h"
#include "cli/output/error_printer.h"
#include "cli/output/number_text.h"
#include "cli/output/table_printer.h"
#include "cli/paging.h"
#include "cli/proto_text.h"
#include "common/time/iso8601.h"
#include "metricstore/registry/v1/dataset_service.grpc.pb.h"

namespace metricstore::cli {
namespace {

using registry::v1::Dataset;
using registry::v1::DatasetService;

std::string OldestRow(const Dataset& dataset) {
  return dataset.has_oldest_row_time() ? FormatInstant(InstantOf(dataset.oldest_row_time())) : "";
}

std::string NewestRow(const Dataset& dataset) {
  return dataset.has_newest_row_time() ? FormatInstant(InstantOf(dataset.newest_row_time())) : "";
}

std::string SpanText(bool present, const google::protobuf::Duration& span) {
  return present ? FormatSpan(SpanOf(span)) : "";
}

Table ColumnTable(const Dataset& dataset) {
  Table table{{{"column"}, {"type"}, {"nullable"}, {"unit"}, {"rollup"}, {"description"}}, {}};
  for (const auto& column : dataset.columns()) {
    const bool rolls_up = column.rollup() != registry::v1::COLUMN_ROLLUP_UNSPECIFIED;
    table.rows.push_back({column.name(), EnumText(column.type(), "COLUMN_TYPE_"),
                          column.nullable() ? "yes" : "no", column.unit(),
                          rolls_up ? EnumText(column.rollup(), "COLUMN_ROLLUP_") : "",
                          column.description()});
  }
  return table;
}

Fields DatasetFields(const Dataset& dataset) {
  return {{"name", dataset.name()},
          {"description", dataset.description()},
          {"layer", EnumText(dataset.layer(), "DATASET_LAYER_")},
          {"grain", absl::StrJoin(dataset.grain(), ", ")},
          {"time column", dataset.time_column()},
          {"entity column", dataset.entity_column()},
          {"calendar", dataset.calendar()},
          {"timeframe", SpanText(dataset.has_timeframe(), dataset.timeframe())},
          {"partitioning", EnumText(dataset.partitioning(), "PARTITIONING_")},
          {"retention", SpanText(dataset.has_retention(), dataset.retention())},
          {"rows", FormatCount(dataset.row_count())},
          {"entities", FormatCount(dataset.entity_count())},
          {"oldest row", OldestRow(dataset)},
          {"newest row", NewestRow(dataset)}};
}

}  // namespace

void AddDatasetCommands(CLI::App& app, ChosenCommand& chosen) {
  CLI::App* group = app.add_subcommand("datasets", "Show the registered raw tables");
  group->require_subcommand(1);
  const auto [list, list_options] =
      AddCommand(*group, chosen, "list", "List all datasets", &ListDatasets);
  list->footer(
      "Examples:\n"
      "  metricctl datasets list\n"
      "  metricctl datasets list -o json");
  const auto [show, options] =
      AddCommand(*group, chosen, "show", "Show a dataset's columns, grain and rows", &ShowDataset);
  show->add_option("NAME", options->name, "The dataset's name")->required();
  show->footer(
      "Examples:\n"
      "  metricctl datasets show fact_bars\n"
      "  metricctl datasets show fact_bars -o csv    its columns");
}

absl::StatusOr<int> ListDatasets(Invocation& invocation, const ListOptions& /*options*/) {
  Table table{{{"name"},
               {"layer"},
               {"grain"},
               {"calendar"},
               {"rows", true},
               {"entities", true},
               {"oldest_row"},
               {"newest_row"}},
              {}};
  RETURN_IF_ERROR(ForEachPage(invocation.connection, &DatasetService::Stub::ListDatasets,
                              registry::v1::ListDatasetsRequest(), [&](const auto& page) {
                                for (const Dataset& dataset : page.datasets()) {
                                  table.rows.push_back(
                                      {dataset.name(), EnumText(dataset.layer(), "DATASET_LAYER_"),
                                       absl::StrJoin(dataset.grain(), "+"), dataset.calendar(),
                                       std::to_string(dataset.row_count()),
                                       std::to_string(dataset.entity_count()), OldestRow(dataset),
                                       NewestRow(dataset)});
                                }
                              }));
  PrintTable(table, invocation.format, invocation.terminal.out);
  return kExitOk;
}

absl::StatusOr<int> ShowDataset(Invocation& invocation, const ShowOptions& options) {
  registry::v1::GetDatasetRequest request;
  request.set_project(invocation.connection.project());
  request.set_name(options.name);
  ASSIGN_OR_RETURN(
      const auto response,
      invocation.connection.Call(Peer::kRegistry, &DatasetService::Stub::GetDataset, request));
  std::ostream& out = invocation.terminal.out;
  if (invocation.format == OutputFormat::kJson) {
    PrintJson(response.dataset(), out);
    return kExitOk;
  }
  if (invocation.format == OutputFormat::kTable) {
    PrintFields(DatasetFields(response.dataset()), out);
    out << '\n';
  }
  PrintTable(ColumnTable(response.dataset()), invocation.format, out);
  return kExitOk;
}

}  // namespace metricstore::cli
