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

// Everything that `definitions` are checked against. Errors of Transaction::Execute.
absl::StatusOr<StoredDefinitions> LoadStored(pg::Transaction& transaction, int32_t project_id,
                                             const Definitions& definitions);
// The same with every stored metric in full: for a check of the whole catalogue.
absl::StatusOr<StoredDefinitions> LoadAllStored(pg::Transaction& transaction, int32_t project_id);

}  // namespace metricstore::registry
