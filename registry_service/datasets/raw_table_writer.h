// Brings the shared raw table of a dataset in line with its definition, where its rows allow it.
#pragma once

#include <cstdint>

#include "absl/status/status.h"
#include "common/pg/pool.h"
#include "registry_service/datasets/dataset.h"

namespace metricstore::registry {

// Creates the raw table of a dataset that is new in its project, or adopts the one that exists if
// it has exactly these columns and this key. FAILED_PRECONDITION (DATASET_CHANGE_REFUSED, metadata
// dataset) if it has others and cannot be made anew; errors of Transaction::Execute.
absl::Status CreateRawTable(pg::Transaction& transaction, int32_t project_id,
                            const Dataset& dataset);

// Changes the raw table from what a stored definition says to what a new one says: adds nullable
// columns. Any other change of columns, grain, time or entity column or partitioning makes the
// table anew, which is refused while it has rows or another project has registered it. Errors as
// CreateRawTable.
absl::Status ChangeRawTable(pg::Transaction& transaction, int32_t project_id, const Dataset& before,
                            const Dataset& after);

// Whether either of these would refuse, CreateRawTable where `before` is nullptr. Changes nothing
// and locks nothing. Errors as CreateRawTable.
absl::Status CheckRawTable(pg::Transaction& transaction, int32_t project_id, const Dataset* before,
                           const Dataset& after);

}  // namespace metricstore::registry
