// Datasets as YAML definitions.
#pragma once

#include <string_view>

#include "registry_service/catalog/yaml/syntax/yaml_mapping.h"
#include "registry_service/datasets/dataset.h"

namespace metricstore::registry {

// Reads `kind: dataset`. Faults go to the mapping's source; what has one is left at its default.
// What the file leaves out is filled in: the layer from the name, partitioning from the time
// column.
Dataset ReadDataset(YamlMapping& mapping);

// What a file may leave out: the layer that the name's prefix says, and partitions where there is a
// time column.
DatasetLayer DefaultLayer(std::string_view name);
Partitioning DefaultPartitioning(const Dataset& dataset);

}  // namespace metricstore::registry
