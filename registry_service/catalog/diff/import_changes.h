// Tells what an import does with each of its definitions: the one place that decides it, for the
// writer and for plans.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "registry_service/catalog/definition/field_change.h"
#include "registry_service/catalog/definition/import_outcome.h"
#include "registry_service/catalog/validation/definition_check.h"
#include "registry_service/catalog/yaml/definition_files.h"

namespace metricstore::registry {

// A metric that is computed before an import and, for a metric that it reads, not after it.
struct BrokenReader {
  std::string metric;   // id
  std::string why_not;  // "reads sales/total, whose points are vectors: ..."
};

// One definition of an import.
struct ImportChange {
  size_t index = 0;  // in its list of Definitions
  ImportOutcome outcome;
  std::vector<FieldChange> changes;  // for kChanged and kRestored
  bool makes_version = false;
  bool promotes = false;  // a version that waited
  // Of a metric of which a version waits, which is what `changes` are told of: how the definition
  // differs from what readers are served before the import, and which version that is.
  std::vector<FieldChange> served_changes;
  int served_version = 0;
  std::vector<BrokenReader> broken_readers;  // by id, once it is served
};

// Each list by name.
struct ImportChanges {
  std::vector<ImportChange> calendars, datasets, columns, metrics;
};

// `definitions` must have passed CheckDefinitions with `stored`, which binds both. With `promote`
// the newest versions become active: those that are made, and those that waited, which is a change
// of the field "active_version". A metric that goes back to an earlier meaning makes a version too:
// results of the earlier one may be of older rows.
ImportChanges ClassifyImport(const Definitions& definitions, const StoredDefinitions& stored,
                             bool promote);

}  // namespace metricstore::registry
