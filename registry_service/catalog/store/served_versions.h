// Whether the versions that readers are served keep their ground in an import that changes their
// metrics.
#pragma once

#include "registry_service/catalog/definition/faults.h"
#include "registry_service/catalog/diff/import_changes.h"
#include "registry_service/catalog/validation/definition_check.h"
#include "registry_service/catalog/yaml/definition_files.h"

namespace metricstore::registry {

// An import that brings a new version, which waits, may change the dataset or the calendar under
// the version that goes on being served, and one that restores a metric brings such a version back.
// Those are checked here; CheckDefinitions checks all others. Faults: DEFINITION_INVALID at the
// metric. `definitions` must have passed CheckDefinitions.
void CheckServedVersions(Definitions& definitions, const StoredDefinitions& stored,
                         const ImportChanges& changes, Faults& faults);

}  // namespace metricstore::registry
