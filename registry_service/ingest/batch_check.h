// Checks a batch against its dataset: columns as a whole, then values row by row.
#pragma once

#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/columns/column_batch.h"
#include "registry_service/datasets/dataset.h"
#include "registry_service/ingest/row_batch.h"

namespace metricstore::registry {

// Text of a key column is at most this long: an index entry has to fit into a page.
inline constexpr size_t kMaxKeyTextBytes = 1024;

// The batch's columns in the order of the dataset's; nullptr for a nullable one that is left out.
// INVALID_ARGUMENT (BATCH_INVALID, metadata column) for an unknown, missing or wrongly typed
// column, or a batch without rows.
absl::StatusOr<std::vector<const columns::Column*>> MatchColumns(const Dataset& dataset,
                                                                 const columns::ColumnBatch& rows);

// The batch's rejects with those rows added that cannot be stored: NULL where it is not accepted,
// NaN or infinite, a time outside 1900 to 2200, an empty entity, a key text that is too long.
RejectedRows CheckRows(const Dataset& dataset, const std::vector<const columns::Column*>& columns,
                       const IncomingBatch& batch);

}  // namespace metricstore::registry
