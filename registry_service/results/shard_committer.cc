#include "registry_service/results/shard_committer.h"

#include <span>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "registry_service/results/chunk_store.h"
#include "registry_service/results/result_statements.h"

namespace metricstore::registry {
namespace {

int64_t CountPoints(const ShardResults& results) {
  int64_t points = 0;
  for (const auto& [key, series] : results) points += static_cast<int64_t>(series.size());
  return points;
}

absl::Status ReadOutdated(const Lease& lease) {
  return status::ErrorBuilder(absl::StatusCode::kAborted, "READ_OUTDATED",
                              absl::StrCat("shard ", lease.shard_id,
                                           " was read before rows that stored points are made of;"
                                           " read it again"))
      .Metadata("shard", absl::StrCat(lease.shard_id))
      .Build();
}

// An import looks for the stored points that it makes stale, and then writes the calendar: one that
// came after the check but looked before the commit would mark none of the new points. So the lock
// is that which imports hold from their start, shared, so that commits do not wait for each other.
absl::Status CheckCalendar(pg::Transaction& transaction, int32_t project_id, const Lease& lease,
                           const ShardSpec& shard) {
  PlannedCalendar planned{
      .datasets = shard.also_reads, .calendar = shard.calendar, .version = shard.calendar_version};
  planned.datasets.push_back(shard.dataset);
  ASSIGN_OR_RETURN(const bool stands, CalendarStands(transaction, project_id, planned));
  return stands ? absl::OkStatus() : CalendarOutdated(lease.shard_id, shard);
}

// The answer when the fenced update found no shard: done by this very lease, or lost.
absl::StatusOr<CommittedShard> CommittedBefore(pg::Transaction& transaction, const Lease& lease) {
  const pg::Params params = pg::Params().Add(lease.shard_id).Add(lease.fence);
  ASSIGN_OR_RETURN(const pg::Result rows, transaction.Execute(kSelectFinishedShard, params));
  if (rows.empty()) return LeaseLost(lease);
  return CommittedShard{.already_committed = true, .points = rows.Single().Int64(0)};
}

absl::StatusOr<CommittedShard> CommitInTransaction(pg::Transaction& transaction, const Lease& lease,
                                                   const ShardResults& results,
                                                   const ShardReading& reading) {
  const int64_t points = CountPoints(results);
  pg::Params params;
  params.Add(lease.shard_id).Add(lease.fence).Add(reading.rows).Add(points);
  ASSIGN_OR_RETURN(const pg::Result finished, transaction.Execute(kFinishShard, params));
  if (finished.empty()) return CommittedBefore(transaction, lease);
  const pg::Row row = finished[0];
  const int64_t backfill_id = row.Int64(0);
  ASSIGN_OR_RETURN(const ShardSpec shard, ParseShardSpec(row.Text(1)));
  const int32_t project_id = row.Int32(2);
  RETURN_IF_ERROR(CheckResults(results, shard));
  RETURN_IF_ERROR(CheckCalendar(transaction, project_id, lease, shard));

  CommittedShard committed{.points = points};
  if (!results.empty()) {
    ASSIGN_OR_RETURN(const SeriesIds series, LockSeries(transaction, project_id, results));
    ASSIGN_OR_RETURN(
        const ReplaceOutcome replaced,
        ReplacePoints(transaction, {project_id, shard.extent, reading.watermark}, series, results));
    if (replaced.outdated) return ReadOutdated(lease);
    committed.chunks_written = replaced.chunks_written;
  }
  RETURN_IF_ERROR(ConcludeBackfill(transaction, backfill_id));
  return committed;
}

}  // namespace

absl::StatusOr<CommittedShard> ShardCommitter::Commit(const Lease& lease,
                                                      const ShardResults& results,
                                                      const ShardReading& reading,
                                                      const CallBounds& bounds) {
  CommittedShard committed;
  const auto body = [&](pg::Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(committed, CommitInTransaction(transaction, lease, results, reading));
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(pool_.Run(bounds, pg::TransactionMode::kReadWrite, body));
  return committed;
}

}  // namespace metricstore::registry
