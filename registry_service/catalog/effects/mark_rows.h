// Marks of stored results that are to be computed again, as rows of dirty_ranges.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/pg/pool.h"
#include "registry_service/catalog/definition/import_outcome.h"

namespace metricstore::registry {

// Results that one cause makes stale, with the dates of each.
struct ResultMarks {
  std::vector<StaleResults> stale;
  std::string cause;   // as in dirty_ranges: "calendar", "dataset" or "upstream"
  std::string detail;  // "XNYS version 3"
};

// Writes a row for each range of dates. Marks that these make needless, and marks that backfills
// have met, are deleted on the way. Wants the lock of the project's imports. Errors of
// Transaction::Execute.
absl::Status WriteMarks(pg::Transaction& transaction, int32_t project_id,
                        const std::vector<ResultMarks>& marks);

}  // namespace metricstore::registry
