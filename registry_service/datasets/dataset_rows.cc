#include "registry_service/datasets/dataset_rows.h"

#include <map>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "registry_service/datasets/dataset_statements.h"

namespace metricstore::registry {
namespace {

std::optional<absl::Duration> SpanOf(const pg::Row& row, int column) {
  const auto seconds = row.OptionalInt64(column);
  if (!seconds.has_value()) return std::nullopt;
  return absl::Seconds(*seconds);
}

absl::Status UnknownValue(std::string_view dataset, std::string_view what, std::string_view value) {
  return status::InternalError(absl::StrCat("dataset ", std::string(dataset),
                                            " is stored with an unknown ", std::string(what), ": ",
                                            std::string(value)));
}

absl::StatusOr<Dataset> DatasetFromRow(const pg::Row& row) {
  Dataset dataset;
  dataset.name = std::string(row.Text(0));
  const auto layer = ParseDatasetLayer(row.Text(1));
  if (!layer.has_value()) return UnknownValue(dataset.name, "layer", row.Text(1));
  dataset.layer = *layer;
  dataset.description = std::string(row.Text(2));
  dataset.grain = row.TextArray(3);
  dataset.time_column = std::string(row.Text(4));
  dataset.entity_column = std::string(row.Text(5));
  dataset.calendar = std::string(row.Text(6));
  dataset.timeframe = SpanOf(row, 7);
  dataset.retention = SpanOf(row, 8);
  const auto partitioning = ParsePartitioning(row.Text(9));
  if (!partitioning.has_value()) return UnknownValue(dataset.name, "partitioning", row.Text(9));
  dataset.partitioning = *partitioning;
  dataset.create_time = row.Time(10);
  dataset.update_time = row.Time(11);
  return dataset;
}

absl::StatusOr<DatasetColumn> ColumnFromRow(const pg::Row& row) {
  DatasetColumn column;
  column.name = std::string(row.Text(1));
  const auto type = columns::ParseColumnType(row.Text(2));
  if (!type.has_value()) return UnknownValue(row.Text(0), "column type", row.Text(2));
  column.type = *type;
  column.nullable = row.Bool(3);
  column.unit = std::string(row.Text(4));
  const auto rollup = ParseColumnRollup(row.Text(5));
  if (!rollup.has_value()) return UnknownValue(row.Text(0), "rollup", row.Text(5));
  column.rollup = *rollup;
  column.description = std::string(row.Text(6));
  return column;
}

std::optional<int64_t> SecondsOf(const std::optional<absl::Duration>& span) {
  if (!span.has_value()) return std::nullopt;
  return absl::ToInt64Seconds(*span);
}

pg::Params ColumnParams(int32_t project_id, const Dataset& dataset) {
  std::vector<std::string> names, types, units, rollups, descriptions;
  std::vector<int64_t> nullables;
  for (const DatasetColumn& column : dataset.columns) {
    names.push_back(column.name);
    types.emplace_back(columns::ColumnTypeName(column.type));
    nullables.push_back(column.nullable ? 1 : 0);
    units.push_back(column.unit);
    rollups.emplace_back(ColumnRollupName(column.rollup));
    descriptions.push_back(column.description);
  }
  pg::Params params;
  params.Add(project_id).Add(dataset.name).AddArray(names).AddArray(types).AddArray(nullables);
  params.AddArray(units).AddArray(rollups).AddArray(descriptions);
  return params;
}

}  // namespace

absl::StatusOr<std::vector<Dataset>> LoadDatasets(pg::Transaction& transaction, int32_t project_id,
                                                  const std::vector<std::string>& names) {
  pg::Params params;
  params.Add(project_id).AddArray(names);
  ASSIGN_OR_RETURN(const pg::Result rows, transaction.Execute(kSelectDatasets, params));
  std::vector<Dataset> datasets;
  std::map<std::string, size_t, std::less<>> places;
  for (const pg::Row row : rows) {
    ASSIGN_OR_RETURN(Dataset dataset, DatasetFromRow(row));
    places.emplace(dataset.name, datasets.size());
    datasets.push_back(std::move(dataset));
  }
  ASSIGN_OR_RETURN(const pg::Result columns, transaction.Execute(kSelectColumns, params));
  for (const pg::Row row : columns) {
    const auto place = places.find(row.Text(0));
    if (place == places.end()) continue;
    ASSIGN_OR_RETURN(DatasetColumn column, ColumnFromRow(row));
    datasets[place->second].columns.push_back(std::move(column));
  }
  return datasets;
}

absl::Status SaveDataset(pg::Transaction& transaction, int32_t project_id, const Dataset& dataset) {
  pg::Params params;
  params.Add(project_id).Add(dataset.name).Add(DatasetLayerName(dataset.layer));
  params.Add(dataset.description).AddArray(dataset.grain).Add(dataset.time_column);
  params.Add(dataset.entity_column).Add(dataset.calendar);
  params.AddOptional(SecondsOf(dataset.timeframe)).AddOptional(SecondsOf(dataset.retention));
  params.Add(PartitioningName(dataset.partitioning));
  RETURN_IF_ERROR(transaction.Execute(kUpsertDataset, params).status());
  std::vector<std::string> kept;
  for (const DatasetColumn& column : dataset.columns) kept.push_back(column.name);
  const pg::Params others = pg::Params().Add(project_id).Add(dataset.name).AddArray(kept);
  RETURN_IF_ERROR(transaction.Execute(kDeleteColumns, others).status());
  return transaction.Execute(kUpsertColumns, ColumnParams(project_id, dataset)).status();
}

}  // namespace metricstore::registry
