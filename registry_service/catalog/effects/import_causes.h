// The changes of an import that stored results depend on.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "registry_service/catalog/diff/import_changes.h"
#include "registry_service/catalog/effects/bucket_changes.h"
#include "registry_service/catalog/validation/definition_check.h"
#include "registry_service/catalog/yaml/definition_files.h"

namespace metricstore::registry {

// A change of the import with what changes under metrics because of it. A dataset that moves to
// another calendar and whose rows become other bars is two of them.
struct Cause {
  ImportChange* change = nullptr;
  GroundChange ground;
  std::string kind;    // as in dirty_ranges: "calendar" or "dataset"
  std::string detail;  // "XNYS version 3", "fact_bars: timeframe, columns[close].rollup"
};

// Calendars that change under stored datasets, datasets that move to another calendar, and those
// that tell other rollups or another timeframe of their rows. INVALID_ARGUMENT as Calendar::Create.
absl::StatusOr<std::vector<Cause>> FindCauses(const Definitions& definitions,
                                              const StoredDefinitions& stored,
                                              ImportChanges& changes);

}  // namespace metricstore::registry
