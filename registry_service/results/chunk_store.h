// Reads and writes the chunks of many series inside a transaction.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/pg/pool.h"
#include "common/time/iso8601.h"
#include "registry_service/results/chunk_splice.h"
#include "registry_service/results/series_points.h"

namespace metricstore::registry {

// Of the series of some results, in their order. None where the result is empty and no series is
// stored.
using SeriesIds = std::vector<std::optional<int64_t>>;

// The series of `results`, locked, those with points created where missing: whoever changes chunks
// holds the lock of their series.
absl::StatusOr<SeriesIds> LockSeries(pg::Transaction& transaction, int32_t project_id,
                                     const ShardResults& results);

// Replaces the points inside `extent` and returns how many chunks were written. `series_ids` are
// those that LockSeries gave.
absl::StatusOr<int64_t> ReplacePoints(pg::Transaction& transaction, int32_t project_id,
                                      const SeriesIds& series_ids, const ShardResults& results,
                                      const TimeRange& extent);

}  // namespace metricstore::registry
