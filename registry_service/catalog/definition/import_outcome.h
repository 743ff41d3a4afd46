// What an import does with one definition.
#pragma once

#include <string>

namespace metricstore::registry {

// Values equal those of the proto enum metricstore.registry.v1.ImportOutcome.Action.
enum class ImportAction { kCreated = 1, kChanged = 2, kUnchanged = 3, kRestored = 4 };

// See proto metricstore.registry.v1.ImportOutcome.
struct ImportOutcome {
  std::string kind;  // "calendar", "dataset", "columns" or "metric"
  std::string name;  // of a metric: its id
  ImportAction action = ImportAction::kUnchanged;
  int version = 0;  // the newest after the import; 0 for datasets and columns
  std::string path;
  int active_version = 0;  // of metrics
  int tests_run = 0;
};

}  // namespace metricstore::registry
