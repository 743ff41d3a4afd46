#include <string>

#include "absl/strings/str_cat.h"
#include "common/time/iso8601.h"
#include "registry_service/catalog/yaml/dataset_yaml.h"
#include "registry_service/catalog/yaml/definition_export.h"
#include "registry_service/catalog/yaml/syntax/yaml_writer.h"

namespace metricstore::registry {
namespace {

void WriteColumn(YamlWriter& writer, const DatasetColumn& column) {
  writer.Text("name", column.name);
  writer.Plain("type", columns::ColumnTypeName(column.type));
  if (column.nullable) writer.Plain("nullable", "true");
  writer.Text("unit", column.unit);
  writer.Text("rollup", ColumnRollupName(column.rollup));
  writer.Text("description", column.description);
}

}  // namespace

DefinitionFile ExportDataset(const Dataset& dataset) {
  YamlWriter writer;
  writer.BeginMapping();
  writer.Plain("kind", "dataset");
  writer.Text("name", dataset.name);
  if (dataset.layer != DefaultLayer(dataset.name)) {
    writer.Plain("layer", DatasetLayerName(dataset.layer));
  }
  writer.Text("description", dataset.description);
  writer.Texts("grain", dataset.grain);
  writer.Text("time_column", dataset.time_column);
  writer.Text("entity_column", dataset.entity_column);
  writer.Text("calendar", dataset.calendar);
  if (dataset.timeframe.has_value()) writer.Plain("timeframe", FormatSpan(*dataset.timeframe));
  if (dataset.retention.has_value()) writer.Plain("retention", FormatSpan(*dataset.retention));
  if (dataset.partitioning != DefaultPartitioning(dataset)) {
    writer.Plain("partitioning", PartitioningName(dataset.partitioning));
  }
  writer.Mappings("columns", dataset.columns, WriteColumn);
  writer.EndMapping();
  return {absl::StrCat("datasets/", dataset.name, ".yaml"), writer.Take()};
}

}  // namespace metricstore::registry
