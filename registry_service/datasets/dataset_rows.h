// Datasets as rows of the tables `datasets` and `column_metadata`.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/pg/pool.h"
#include "registry_service/datasets/dataset.h"

namespace metricstore::registry {

// The stored ones of these datasets, by name. Wants a transaction in which both of its statements
// see the same rows. INTERNAL for rows that no release wrote; errors of Transaction::Execute.
absl::StatusOr<std::vector<Dataset>> LoadDatasets(pg::Transaction& transaction, int32_t project_id,
                                                  const std::vector<std::string>& names);

// Stores a definition, over an older one if there is one. Descriptions of columns that someone else
// than the definition gave are kept. Errors of Transaction::Execute.
absl::Status SaveDataset(pg::Transaction& transaction, int32_t project_id, const Dataset& dataset);

}  // namespace metricstore::registry
