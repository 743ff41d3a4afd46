// Datasets as YAML definitions.
#pragma once

#include "registry_service/catalog/yaml/yaml_mapping.h"
#include "registry_service/datasets/dataset.h"

namespace metricstore::registry {

// Reads `kind: dataset`. Faults go to the mapping's source; what has one is left at its default.
// What the file leaves out is filled in: the layer from the name, partitioning from the time
// column.
Dataset ReadDataset(YamlMapping& mapping);

}  // namespace metricstore::registry
