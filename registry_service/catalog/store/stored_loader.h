// Reads what a project holds before an import or an edit.
#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "common/pg/pool.h"
#include "registry_service/catalog/validation/definition_check.h"
#include "registry_service/catalog/yaml/definition_files.h"

namespace metricstore::registry {

// Makes writes to the project's definitions wait for each other until the transaction ends. Errors
// of Transaction::Execute.
absl::Status LockCatalog(pg::Transaction& transaction, int32_t project_id);

// Calendars, datasets and notes on columns: what metrics stand on. Errors of Transaction::Execute;
// INTERNAL for rows that no release wrote.
absl::StatusOr<StoredDefinitions> LoadGround(pg::Transaction& transaction, int32_t project_id);

// Which metrics a check knows beside those that it names.
enum class Beside {
  kAll,          // every one: for plans, and for what metrics share with any other
  kWhatTheyRead  // what they read, directly or through others, and who reads them: enough to tell
                 // faults and broken readers
};

// Everything that `definitions` are checked against. With kWhatTheyRead definitions of metrics
// alone, which change the ground of no other; names that are not there bring all summaries along,
// to suggest others. Errors of Transaction::Execute.
absl::StatusOr<StoredDefinitions> LoadStored(pg::Transaction& transaction, int32_t project_id,
                                             const Definitions& definitions,
                                             Beside beside = Beside::kAll);
// The same with every stored metric in full: for a check of the whole catalogue.
absl::StatusOr<StoredDefinitions> LoadAllStored(pg::Transaction& transaction, int32_t project_id);

}  // namespace metricstore::registry
