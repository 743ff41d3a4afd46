// What is doubtful about metrics beside each other: the same thing under two names, one word for
// two things, reading what cannot be read.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "registry_service/catalog/validation/definition_check.h"
#include "registry_service/catalog/validation/finding.h"
#include "registry_service/catalog/yaml/definition_files.h"

namespace metricstore::registry {

// Two metrics that say the same (MetricDefinition::likeness).
struct SameMeaningPair {
  std::string metric;  // id, of the import
  std::string other;   // id, of the import or stored
};

// Pairs of metrics that say the same, at least one of the import, each once, by id; at most 1,000.
// The import's metrics must be bound.
std::vector<SameMeaningPair> FindSameMeaning(const Definitions& definitions,
                                             const StoredDefinitions& stored);

// Doubts of the import's bound metrics, by id: those of ReadingDoubts, NEAR_DUPLICATE, and
// SYNONYM_SHARED for a synonym that another metric of the import or the store has, in any case,
// spaces and underscores being the same. A message names three others at most.
std::map<std::string, std::vector<Finding>> CatalogDoubts(const Definitions& definitions,
                                                          const StoredDefinitions& stored);

}  // namespace metricstore::registry
