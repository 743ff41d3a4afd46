// Notes on columns as rows of the table `column_metadata`.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/pg/pool.h"
#include "registry_service/datasets/column_metadata.h"

namespace metricstore::registry {

// By table, in declared order: what is known of columns, those of their dataset's own definition
// included. Errors of Transaction::Execute.
absl::StatusOr<std::map<std::string, std::vector<ColumnNote>>> LoadColumnNotes(
    pg::Transaction& transaction, int32_t project_id);

// Stores notes on columns of a table, each whole; those on columns that it does not have are left
// out. Gives how many differed from what was stored. Errors of Transaction::Execute.
absl::StatusOr<int64_t> SaveColumnNotes(pg::Transaction& transaction, int32_t project_id,
                                        const std::string& table,
                                        const std::vector<ColumnNote>& notes);

}  // namespace metricstore::registry
