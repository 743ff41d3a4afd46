// Reads and writes the chunks of many series inside a transaction.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/pg/pool.h"
#include "common/time/iso8601.h"
#include "registry_service/results/chunk_splice.h"
#include "registry_service/results/series_points.h"

namespace metricstore::registry {

// The ids of the series in the order of `results`, created where missing and locked: whoever
// changes chunks holds the lock of their series.
absl::StatusOr<std::vector<int64_t>> LockSeries(pg::Transaction& transaction, int32_t project_id,
                                                const ShardResults& results);

// Replaces the points inside `extent` and returns how many chunks were written. `series_ids` are
// those that LockSeries gave.
absl::StatusOr<int64_t> ReplacePoints(pg::Transaction& transaction, int32_t project_id,
                                      const std::vector<int64_t>& series_ids,
                                      const ShardResults& results, const TimeRange& extent);

}  // namespace metricstore::registry
