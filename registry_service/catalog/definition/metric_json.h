// Metrics as the canonical JSON in which they are stored, compared and hashed.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "registry_service/catalog/definition/metric_definition.h"

namespace metricstore::registry {

// One text for all spellings of the same definition; what the store sets is left out. Key "dataset"
// is read by SQL views and by the importer.
std::string MetricToJson(const MetricDefinition& metric);

// INTERNAL for a text that no release wrote.
absl::StatusOr<MetricDefinition> MetricFromJson(std::string_view json);

// Changes with every change of the definition or its version.
std::string EtagOf(const MetricDefinition& metric, int version);

}  // namespace metricstore::registry
