// Jobs and their shards: created once, leased to one worker at a time, ended when no shard is left.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/pg/pool.h"
#include "common/time/cancellation.h"
#include "registry_service/backfills/backfill_planner.h"
#include "registry_service/backfills/shard_spec.h"

namespace metricstore::registry {

// Values equal those of the proto enum metricstore.registry.v1.Backfill.State.
enum class BackfillState { kRunning = 1, kSucceeded = 2, kFailed = 3, kCancelled = 4 };

// A job with its progress; see proto metricstore.registry.v1.Backfill.
struct Backfill {
  int64_t id = 0;
  BackfillSpec spec;
  BackfillState state = BackfillState::kRunning;
  int64_t shards_total = 0;
  int64_t shards_done = 0;
  int64_t shards_failed = 0;
  int64_t shards_leased = 0;
  int64_t rows_read = 0;
  int64_t points = 0;
  std::string error;
  absl::Time create_time;
  absl::Time update_time;
  std::optional<absl::Time> end_time;
  absl::Duration idle;  // since a worker last leased, renewed or finished any of its shards
};

struct CreatedBackfill {
  Backfill backfill;
  bool existing = false;  // an unfinished or same-id job was found
  // What this request's patterns match and the job leaves out. For a request id that is known: what
  // the request that created the job was told.
  std::vector<SkippedMetric> skipped;
};

// A shard that a worker holds.
struct LeasedShard {
  int64_t shard_id = 0;
  int64_t backfill_id = 0;
  int64_t fence = 0;
  absl::Time expire_time;
  std::string project;
  ShardSpec spec;
  int32_t attempt = 0;
};

struct Lease {
  int64_t shard_id = 0;
  int64_t fence = 0;
};

struct RenewedLeases {
  std::vector<int64_t> shard_ids;                 // those still held, in order
  absl::Time expire_time = absl::InfinitePast();  // of the first to end
};

// A shard fails for good with this many errors, or when this many leases of it ran out.
inline constexpr int32_t kMaxShardFailures = 3;
inline constexpr int32_t kMaxShardExpiries = 10;

// Thread-safe; keeps nothing, the database's clock alone counts. What it is made of must outlive
// it. Every method may also return the errors of pg::Pool::Run.
class BackfillStore {
 public:
  BackfillStore(pg::Pool& pool, BackfillPlanner& planner) : pool_(pool), planner_(planner) {}

  // Creates the job, or finds the unfinished one that computes the same of the same rows, or that
  // of the request id. Errors of BackfillPlanner::Plan; ALREADY_EXISTS (REQUEST_ID_REUSED).
  absl::StatusOr<CreatedBackfill> Create(int32_t project_id, const BackfillRequest& request,
                                         const CallBounds& bounds);
  // NOT_FOUND (BACKFILL_NOT_FOUND).
  absl::StatusOr<Backfill> Get(int32_t project_id, int64_t id, const CallBounds& bounds);
  // At most `limit` jobs with ids below `before` (0: from the newest), newest first.
  absl::StatusOr<std::vector<Backfill>> List(int32_t project_id, int64_t before, int32_t limit,
                                             const CallBounds& bounds);
  // Ends a running job: what waits or is leased can no longer be leased or committed. NOT_FOUND
  // (BACKFILL_NOT_FOUND).
  absl::StatusOr<Backfill> Cancel(int32_t project_id, int64_t id, const CallBounds& bounds);

  // Leases waiting shards of any project, and those whose lease ran out, oldest first. Those that
  // could not be committed because their calendar changed fail instead, with the others of their
  // job that wait for the same.
  absl::StatusOr<std::vector<LeasedShard>> LeaseShards(std::string_view worker, int32_t max_shards,
                                                       absl::Duration length,
                                                       const CallBounds& bounds);
  // Extends what the worker still holds. A shard that is being committed is not waited for: it
  // counts as held, and its lease stays as it is.
  absl::StatusOr<RenewedLeases> Renew(std::string_view worker, const std::vector<Lease>& leases,
                                      absl::Duration length, const CallBounds& bounds);
  // Gives a shard back: with an error it waits for another attempt or fails for good (true is
  // returned), without one the attempt does not count. ABORTED (LEASE_LOST).
  absl::StatusOr<bool> Release(const Lease& lease, std::string_view error, bool permanent,
                               const CallBounds& bounds);

 private:
  absl::StatusOr<std::optional<CreatedBackfill>> FindByRequestId(int32_t project_id,
                                                                 const BackfillRequest& request,
                                                                 const CallBounds& bounds);

  pg::Pool& pool_;
  BackfillPlanner& planner_;
};

// ABORTED (LEASE_LOST, metadata shard and fence).
absl::Status LeaseLost(const Lease& lease);

// Whether the datasets still follow this calendar as it was then, whatever its days are called. If
// so, they do until the end of the transaction: writes to the catalogue wait for it. Errors of
// Transaction::Execute.
absl::StatusOr<bool> CalendarStands(pg::Transaction& transaction, int32_t project_id,
                                    const PlannedCalendar& calendar);

// FAILED_PRECONDITION (CALENDAR_OUTDATED, metadata shard, calendar and version).
absl::Status CalendarOutdated(int64_t shard_id, const ShardSpec& shard);

// Ends the job if none of its shards waits or is leased. To be called last in a transaction that
// ended a shard: it locks the job.
absl::Status ConcludeBackfill(pg::Transaction& transaction, int64_t backfill_id);

}  // namespace metricstore::registry
