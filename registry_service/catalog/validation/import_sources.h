// What metrics are computed from before and after an import.
#pragma once

#include "registry_service/catalog/sources/metric_sources.h"
#include "registry_service/catalog/validation/definition_check.h"
#include "registry_service/catalog/yaml/definition_files.h"

namespace metricstore::registry {

// Both find metrics among the stored ones as they are served, without deleted ones, and live as
// long as what they are made of. Of what was not loaded nothing is known.
SourceFinder SourcesBefore(const StoredDefinitions& stored);
// With the definitions of the import, which must be bound, in place of those: as if the import were
// promoted. One with faults is not found.
SourceFinder SourcesAfter(const Definitions& definitions, const StoredDefinitions& stored);

}  // namespace metricstore::registry
