// Writes the checked definitions of an import.
#pragma once

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/pg/pool.h"
#include "registry_service/catalog/definition/import_outcome.h"
#include "registry_service/catalog/diff/import_changes.h"
#include "registry_service/catalog/validation/definition_check.h"
#include "registry_service/catalog/yaml/definition_files.h"

namespace metricstore::registry {

// Does what `changes` says. What is stored with the same content is not written, but for what an
// earlier release derived in another way. FAILED_PRECONDITION (DATASET_CHANGE_REFUSED) for a change
// of a dataset that its rows do not allow; errors of Transaction::Execute.
absl::Status WriteDefinitions(pg::Transaction& transaction, int32_t project_id,
                              const Definitions& definitions, const StoredDefinitions& stored,
                              const ImportChanges& changes);

// The project's next revision: for the rows of metrics that the transaction changes, once in it.
// Errors of Transaction::Execute.
absl::StatusOr<int64_t> BumpRevision(pg::Transaction& transaction, int32_t project_id);

}  // namespace metricstore::registry
