#include "registry_service/catalog/yaml/dataset_yaml.h"

#include <string>
#include <utility>
#include <vector>

#include "registry_service/catalog/yaml/syntax/yaml_items.h"

namespace metricstore::registry {
namespace {

DatasetColumn ReadColumn(YamlMapping& mapping) {
  DatasetColumn column;
  column.name = mapping.RequiredText("name");
  const auto type =
      mapping.RequiredChoice("type", {"float64", "int64", "bool", "text", "timestamp", "date"});
  if (type.has_value()) column.type = *columns::ParseColumnType(*type);
  column.nullable = mapping.Bool("nullable", false);
  column.unit = mapping.Text("unit");
  const auto rollup = mapping.Choice("rollup", {"first", "last", "min", "max", "sum", "avg"});
  if (rollup.has_value()) column.rollup = *ParseColumnRollup(*rollup);
  column.description = mapping.Text("description");
  mapping.Finish();
  return column;
}

DatasetLayer ReadLayer(YamlMapping& mapping, const std::string& name) {
  if (const auto layer = mapping.Choice("layer", {"metadata", "fact", "event"})) {
    return *ParseDatasetLayer(*layer);
  }
  return DefaultLayer(name);
}

}  // namespace

DatasetLayer DefaultLayer(std::string_view name) {
  return ParseDatasetLayer(name.substr(0, name.find('_'))).value_or(DatasetLayer::kFact);
}

Partitioning DefaultPartitioning(const Dataset& dataset) {
  return dataset.time_column.empty() ? Partitioning::kNone : Partitioning::kMonth;
}

Dataset ReadDataset(YamlMapping& mapping) {
  Dataset dataset;
  dataset.name = mapping.RequiredText("name");
  dataset.layer = ReadLayer(mapping, dataset.name);
  dataset.description = mapping.RequiredText("description");
  dataset.grain = mapping.Texts("grain");
  dataset.time_column = mapping.Text("time_column");
  dataset.entity_column = mapping.Text("entity_column");
  dataset.calendar = mapping.Text("calendar");
  dataset.timeframe = mapping.Span("timeframe");
  dataset.retention = mapping.Span("retention");
  const auto partitioning = mapping.Choice("partitioning", {"month", "year", "none"});
  if (partitioning.has_value()) {
    dataset.partitioning = *ParsePartitioning(*partitioning);
  } else {
    dataset.partitioning = DefaultPartitioning(dataset);
  }
  dataset.columns = ReadItems(mapping, "columns", ReadColumn);
  mapping.Finish();
  return dataset;
}

}  // namespace metricstore::registry
