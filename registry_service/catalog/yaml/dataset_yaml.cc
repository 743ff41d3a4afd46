#include "registry_service/catalog/yaml/dataset_yaml.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

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

std::vector<DatasetColumn> ReadColumns(YamlMapping& mapping) {
  std::vector<DatasetColumn> columns;
  const std::vector<const YamlNode*> items = TakeItems(mapping, "columns");
  for (size_t i = 0; i < items.size(); ++i) {
    YamlMapping item(*items[i], mapping.source(), absl::StrCat("columns[", i, "]."));
    // What is no mapping keeps its place, so that the others keep their numbers.
    columns.push_back(items[i]->kind == YamlNode::Kind::kMapping ? ReadColumn(item)
                                                                 : DatasetColumn());
  }
  return columns;
}

DatasetLayer ReadLayer(YamlMapping& mapping, const std::string& name) {
  if (const auto layer = mapping.Choice("layer", {"metadata", "fact", "event"})) {
    return *ParseDatasetLayer(*layer);
  }
  return ParseDatasetLayer(name.substr(0, name.find('_'))).value_or(DatasetLayer::kFact);
}

}  // namespace

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
    dataset.partitioning = dataset.time_column.empty() ? Partitioning::kNone : Partitioning::kMonth;
  }
  dataset.columns = ReadColumns(mapping);
  mapping.Finish();
  return dataset;
}

}  // namespace metricstore::registry
