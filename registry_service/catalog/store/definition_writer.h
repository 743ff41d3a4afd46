// Writes the checked definitions of an import and says what each of them changed.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/pg/pool.h"
#include "registry_service/catalog/definition/import_outcome.h"
#include "registry_service/catalog/diff/import_changes.h"
#include "registry_service/catalog/validation/definition_check.h"
#include "registry_service/catalog/yaml/definition_files.h"

namespace metricstore::registry {

// One outcome for each definition: calendars, datasets, metrics, each by name. What is stored with
// the same content is not written. FAILED_PRECONDITION (DATASET_CHANGE_REFUSED) for a change of a
// dataset that its rows do not allow; errors of Transaction::Execute.
absl::StatusOr<std::vector<ImportOutcome>> WriteDefinitions(pg::Transaction& transaction,
                                                            int32_t project_id,
                                                            const Definitions& definitions,
                                                            const StoredDefinitions& stored);

}  // namespace metricstore::registry
