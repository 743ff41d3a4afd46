// Metrics as the canonical JSON in which they are stored, compared and hashed.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "registry_service/catalog/definition/metric_definition.h"

namespace metricstore::registry {

// One text for all spellings of the same definition; what the store sets and the canonical forms
// are left out. Key "dataset" is read by SQL views and by the importer, those of words and lists by
// generated columns.
std::string MetricToJson(const MetricDefinition& metric);

// Texts of earlier releases, which had fewer keys, are read too. INTERNAL for a text that no
// release wrote.
absl::StatusOr<MetricDefinition> MetricFromJson(std::string_view json);

// Changes with every change of a stored metric: of the newest definition, of the active one, of
// which versions these are, and of whether it is deleted.
std::string EtagOf(const MetricDefinition& latest, const MetricDefinition& active,
                   int latest_version, int active_version, bool deleted);

}  // namespace metricstore::registry
