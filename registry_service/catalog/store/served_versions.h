// Whether the versions that readers are served make sense, beside the newest ones that wait.
#pragma once

#include <string>
#include <vector>

#include "registry_service/catalog/definition/faults.h"
#include "registry_service/catalog/diff/import_changes.h"
#include "registry_service/catalog/validation/definition_check.h"
#include "registry_service/catalog/yaml/definition_files.h"

namespace metricstore::registry {

// An import that brings a new version, which waits, may change the dataset or the calendar under
// the version that goes on being served, and one that restores a metric brings such a version back.
// Those are checked here, all of them beside each other; CheckDefinitions checks all others.
// Faults: DEFINITION_INVALID at the metric; which ones does not depend on the order of
// `definitions`, which must have passed CheckDefinitions. In `stored` the summaries of imported
// metrics come to tell of the versions that will be served.
void CheckServedVersions(Definitions& definitions, StoredDefinitions& stored,
                         const ImportChanges& changes, Faults& faults);

// What is wrong with a version that is served while a newer one waits.
struct ServedFault {
  std::string metric;  // id
  int version = 0;
  FieldFault fault;  // the message begins with the version
};

// Checks the served versions of everything stored, as LoadAllStored gives it. Reasons as
// CheckDefinitions. In `stored` the summaries come to tell of the served versions.
std::vector<ServedFault> CheckStoredServedVersions(StoredDefinitions& stored);

}  // namespace metricstore::registry
