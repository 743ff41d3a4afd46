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

// Which points are replaced.
struct Replacement {
  int32_t project_id = 0;
  TimeRange extent;
  int64_t watermark = 0;  // of the snapshot that the new points are made of
};

struct ReplaceOutcome {
  int64_t chunks_written = 0;
  // A chunk that would change was made of a later snapshot: nothing was written.
  bool outdated = false;
};

// Replaces the points inside the extent. `series_ids` are those that LockSeries gave. A chunk that
// stays the same is not written and keeps its watermark.
absl::StatusOr<ReplaceOutcome> ReplacePoints(pg::Transaction& transaction,
                                             const Replacement& replacement,
                                             const SeriesIds& series_ids,
                                             const ShardResults& results);

}  // namespace metricstore::registry
