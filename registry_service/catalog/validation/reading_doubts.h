// What is doubtful in metrics for the metrics that they read.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "registry_service/catalog/validation/definition_check.h"
#include "registry_service/catalog/validation/finding.h"
#include "registry_service/catalog/yaml/definition_files.h"

namespace metricstore::registry {

// Doubts of the import's bound metrics, by id, of field "expression", with the position of the
// reference that they are about: NOT_COMPUTED where a metric that MetricDoubts has nothing against
// reads what cannot be read (texts, vectors, conditions, another calendar, rows with entities
// beside rows without, what is itself not computed) or reads over too many levels, not of metrics
// that read any with faults, or that files which cannot be read may define; else GRAIN_DOUBTFUL
// where one of a coarser grain is read whose window does not run on from bucket to bucket.
std::map<std::string, std::vector<Finding>> ReadingDoubts(const Definitions& definitions,
                                                          const StoredDefinitions& stored);

}  // namespace metricstore::registry
