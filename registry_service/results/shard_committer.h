// Commits a shard's results and its completion together, fenced by its lease.
#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "common/pg/pool.h"
#include "common/time/cancellation.h"
#include "registry_service/backfills/backfill_store.h"
#include "registry_service/results/series_points.h"

namespace metricstore::registry {

// What results were made of.
struct ShardReading {
  int64_t rows = 0;
  int64_t watermark = 0;  // of the snapshot; see proto StreamWindowResponse.read_watermark
};

struct CommittedShard {
  bool already_committed = false;
  int64_t points = 0;
  int64_t chunks_written = 0;
};

// Thread-safe; keeps nothing. The pool must outlive it.
class ShardCommitter {
 public:
  explicit ShardCommitter(pg::Pool& pool) : pool_(pool) {}

  // Replaces the points of every series in `results` inside the shard's dates and marks the shard
  // done, in one transaction; ends the job with its last shard. Chunks that stay the same are not
  // written. Committing again under the same fence changes nothing. ABORTED (LEASE_LOST;
  // READ_OUTDATED, metadata shard, if a chunk that would change was made of a later snapshot),
  // FAILED_PRECONDITION (CALENDAR_OUTDATED: a dataset follows another calendar or version by now),
  // INVALID_ARGUMENT (FIELD_INVALID), or the errors of pg::Pool::Run.
  absl::StatusOr<CommittedShard> Commit(const Lease& lease, const ShardResults& results,
                                        const ShardReading& reading, const CallBounds& bounds);

 private:
  pg::Pool& pool_;
};

}  // namespace metricstore::registry
