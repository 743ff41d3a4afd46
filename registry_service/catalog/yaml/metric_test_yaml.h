// Unit tests of metrics as part of YAML definitions.
#pragma once

#include <vector>

#include "registry_service/catalog/definition/metric_definition.h"
#include "registry_service/catalog/yaml/syntax/yaml_mapping.h"

namespace metricstore::registry {

// Reads the key `tests`. Faults go to the mapping's source; sizes and names are left to
// CheckMetricShape.
std::vector<MetricTest> ReadMetricTests(YamlMapping& parent);

}  // namespace metricstore::registry
