// Writes the checked definitions of an import and says what each of them changed.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/pg/pool.h"
#include "registry_service/catalog/definition_check.h"
#include "registry_service/catalog/definition_files.h"

namespace metricstore::registry {

// Values equal those of the proto enum metricstore.registry.v1.ImportOutcome.Action.
enum class ImportAction { kCreated = 1, kChanged = 2, kUnchanged = 3 };

// What an import did with one definition.
struct ImportOutcome {
  std::string kind;  // "calendar", "dataset" or "metric"
  std::string name;  // of a metric: its id
  ImportAction action = ImportAction::kUnchanged;
  int version = 0;  // after the import; 0 for datasets
  std::string path;
};

// One outcome for each definition: calendars, datasets, metrics, each by name. What is stored with
// the same content is not written. FAILED_PRECONDITION (DATASET_CHANGE_REFUSED) for a change of a
// dataset that its rows do not allow; errors of Transaction::Execute.
absl::StatusOr<std::vector<ImportOutcome>> WriteDefinitions(pg::Transaction& transaction,
                                                            int32_t project_id,
                                                            const Definitions& definitions,
                                                            const StoredDefinitions& stored);

}  // namespace metricstore::registry
