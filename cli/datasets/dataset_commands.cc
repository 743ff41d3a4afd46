#include "cli/datasets/dataset_commands.h"

#include <map>

#include "absl/strings/str_join.h"
#include "cli/core/resource_printer.h"
#include "cli/datasets/column_text.h"
#include "cli/output/error_printer.h"
#include "cli/output/number_text.h"
#include "cli/output/table_printer.h"
#include "common/time/iso8601.h"
#include "metricstore/registry/v1/dataset_service.grpc.pb.h"

namespace metricstore::cli {
namespace {

using registry::v1::ColumnMetadata;
using registry::v1::Dataset;
using registry::v1::DatasetService;

constexpr int kColumnPageSize = 1000;

struct DatasetListOptions {};

struct DatasetShowOptions {
  std::string name;
};

// What is known of a dataset's columns, by name.
using ColumnNotes = std::map<std::string, ColumnMetadata>;

std::string OldestRow(const Dataset& dataset) {
  return TimeText(dataset.has_oldest_row_time(), dataset.oldest_row_time());
}

std::string NewestRow(const Dataset& dataset) {
  return TimeText(dataset.has_newest_row_time(), dataset.newest_row_time());
}

std::string SpanText(bool present, const google::protobuf::Duration& span) {
  return present ? FormatSpan(SpanOf(span)) : "";
}

// A column's note, where there is one, says more than its definition.
Table ColumnTable(const Dataset& dataset, const ColumnNotes& notes) {
  Table table{{{"column"},
               {"type"},
               {"nullable", false, true},
               {"unit"},
               {"rollup"},
               {"description"},
               {"confidence", true},
               {"source"}},
              {}};
  for (const auto& column : dataset.columns()) {
    const bool rolls_up = column.rollup() != registry::v1::COLUMN_ROLLUP_UNSPECIFIED;
    const auto found = notes.find(column.name());
    const ColumnMetadata note = found == notes.end() ? ColumnMetadata() : found->second;
    table.rows.push_back({column.name(), EnumText(column.type(), "COLUMN_TYPE_"),
                          column.nullable() ? "yes" : "no", column.unit(),
                          rolls_up ? EnumText(column.rollup(), "COLUMN_ROLLUP_") : "",
                          found == notes.end() ? column.description() : note.description(),
                          ConfidenceText(note), note.source()});
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

absl::StatusOr<int> ListDatasets(Invocation& invocation, const DatasetListOptions& /*options*/) {
  return PrintList(
      invocation, &DatasetService::Stub::ListDatasets, registry::v1::ListDatasetsRequest(),
      {{"name"},
       {"layer"},
       {"grain"},
       {"calendar"},
       {"rows", true},
       {"entities", true},
       {"oldest_row"},
       {"newest_row"}},
      [](const auto& page) -> const auto& { return page.datasets(); },
      [](const Dataset& dataset) -> std::vector<std::string> {
        return {dataset.name(),
                EnumText(dataset.layer(), "DATASET_LAYER_"),
                absl::StrJoin(dataset.grain(), "+"),
                dataset.calendar(),
                std::to_string(dataset.row_count()),
                std::to_string(dataset.entity_count()),
                OldestRow(dataset),
                NewestRow(dataset)};
      });
}

absl::StatusOr<ColumnNotes> NotesOf(Invocation& invocation, const std::string& table) {
  ColumnNotes notes;
  registry::v1::ListColumnMetadataRequest request;
  request.set_table(table);
  request.set_page_size(kColumnPageSize);
  RETURN_IF_ERROR(ForEachPage(invocation.connection, &DatasetService::Stub::ListColumnMetadata,
                              request, [&](const auto& page) {
                                for (const ColumnMetadata& column : page.columns())
                                  notes[column.column()] = column;
                              }));
  return notes;
}

absl::StatusOr<int> ShowDataset(Invocation& invocation, const DatasetShowOptions& options) {
  registry::v1::GetDatasetRequest request;
  request.set_project(invocation.connection.project());
  request.set_name(options.name);
  ASSIGN_OR_RETURN(
      const auto response,
      invocation.connection.Call(Peer::kRegistry, &DatasetService::Stub::GetDataset, request));
  const Dataset& dataset = response.dataset();
  ResourceView view{.sections = {{"", DatasetFields(dataset)}}};
  if (invocation.format != OutputFormat::kJson) {
    ASSIGN_OR_RETURN(const ColumnNotes notes, NotesOf(invocation, dataset.name()));
    view.parts = ColumnTable(dataset, notes);
  }
  PrintResource(invocation, dataset, view);
  return kExitOk;
}

}  // namespace

void AddDatasetCommands(CLI::App& app, ChosenCommand& chosen) {
  CLI::App* group = AddGroup(app, "datasets", "Show the registered raw tables");
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

}  // namespace metricstore::cli
