// Metrics as YAML definitions.
#pragma once

#include "registry_service/catalog/definition/metric_definition.h"
#include "registry_service/catalog/yaml/syntax/yaml_mapping.h"

namespace metricstore::registry {

// Reads a metric of a file in the folder of that name, which is the default category. Faults go to
// the mapping's source; what has one is left at its default. What CheckMetricShape tells is left to
// it: a missing description or expression, tests that are too many. Whether the expression needs a
// table is left to those who parse it.
MetricDefinition ReadMetric(YamlMapping& mapping, const std::string& folder);

}  // namespace metricstore::registry
