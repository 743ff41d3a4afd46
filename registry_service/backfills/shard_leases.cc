// Leases of shards: taken, renewed, given back.
#include <algorithm>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "registry_service/backfills/backfill_statements.h"
#include "registry_service/backfills/backfill_store.h"

namespace metricstore::registry {
namespace {

// Of the specifications that one reply carries.
constexpr int64_t kMaxLeaseBytes = 2 << 20;
// Jobs whose waiting shards fail in one call; a worker asks again.
constexpr int kMostLeaseRounds = 20;

absl::Status NoteError(pg::Transaction& transaction, int64_t backfill_id, std::string_view error) {
  const pg::Params params = pg::Params().Add(backfill_id).Add(error);
  return transaction.Execute(kNoteError, params).status();
}

absl::Status FailAbandoned(pg::Transaction& transaction) {
  ASSIGN_OR_RETURN(const pg::Result failed,
                   transaction.Execute(kFailAbandonedShards, pg::Params().Add(kMaxShardExpiries)));
  std::set<int64_t> backfills;
  for (const pg::Row row : failed) {
    RETURN_IF_ERROR(NoteError(transaction, row.Int64(0), row.Text(1)));
    backfills.insert(row.Int64(0));
  }
  for (const int64_t id : backfills) RETURN_IF_ERROR(ConcludeBackfill(transaction, id));
  return absl::OkStatus();
}

// What a shard says about its calendar behind "shard 7 was planned with calendar XNYS version 2".
constexpr std::string_view kOutdated =
    ", which its datasets follow no more; run the backfill again";

// The shards that were leased and failed: their calendar changed.
absl::StatusOr<std::set<int64_t>> FailOutdated(pg::Transaction& transaction,
                                               const std::vector<LeasedShard>& leased) {
  std::vector<int64_t> ids;
  for (const LeasedShard& shard : leased) ids.push_back(shard.shard_id);
  pg::Params params;
  params.AddArray(std::span<const int64_t>(ids)).Add("CALENDAR_OUTDATED: ").Add(kOutdated);
  ASSIGN_OR_RETURN(const pg::Result rows, transaction.Execute(kFailOutdatedShards, params));
  std::set<int64_t> failed;
  std::map<int64_t, std::string> errors;  // by job
  for (const pg::Row row : rows) {
    failed.insert(row.Int64(0));
    errors.emplace(row.Int64(1), row.Text(2));
  }
  for (const auto& [backfill, error] : errors) {
    RETURN_IF_ERROR(NoteError(transaction, backfill, error));
    RETURN_IF_ERROR(ConcludeBackfill(transaction, backfill));
  }
  return failed;
}

absl::StatusOr<LeasedShard> ReadLease(const pg::Row& row) {
  LeasedShard shard;
  shard.shard_id = row.Int64(0);
  shard.backfill_id = row.Int64(1);
  shard.fence = row.Int64(2);
  shard.expire_time = row.Time(3);
  shard.project = std::string(row.Text(4));
  ASSIGN_OR_RETURN(shard.spec, ParseShardSpec(row.Text(5)));
  shard.attempt = row.Int32(6);
  return shard;
}

}  // namespace

absl::Status LeaseLost(const Lease& lease) {
  return status::ErrorBuilder(absl::StatusCode::kAborted, "LEASE_LOST",
                              "the lease was lost: another worker owns the shard, or the backfill "
                              "ended; nothing was written")
      .Metadata("shard", absl::StrCat(lease.shard_id))
      .Metadata("fence", absl::StrCat(lease.fence))
      .Build();
}

// The check is a statement of its own: its snapshot is taken once the lock is held.
absl::StatusOr<bool> CalendarStands(pg::Transaction& transaction, int32_t project_id,
                                    const PlannedCalendar& calendar) {
  RETURN_IF_ERROR(transaction.Execute(kHoldCatalog, pg::Params().Add(project_id)).status());
  pg::Params params;
  params.Add(project_id).AddArray(std::span<const std::string>(calendar.datasets));
  params.Add(calendar.calendar).Add(calendar.version);
  ASSIGN_OR_RETURN(const pg::Result stands, transaction.Execute(kCalendarStands, params));
  return stands.Single().Bool(0);
}

absl::Status CalendarOutdated(int64_t shard_id, const ShardSpec& shard) {
  return status::ErrorBuilder(
             absl::StatusCode::kFailedPrecondition, "CALENDAR_OUTDATED",
             absl::StrCat("shard ", shard_id, " was planned with calendar ", shard.calendar,
                          " version ", shard.calendar_version, std::string(kOutdated)))
      .Metadata("shard", absl::StrCat(shard_id))
      .Metadata("calendar", shard.calendar)
      .Metadata("version", absl::StrCat(shard.calendar_version))
      .Build();
}

absl::Status ConcludeBackfill(pg::Transaction& transaction, int64_t backfill_id) {
  const pg::Params params = pg::Params().Add(backfill_id);
  RETURN_IF_ERROR(transaction.Execute(kLockBackfill, params).status());
  return transaction.Execute(kConcludeBackfill, params).status();
}

absl::StatusOr<std::vector<LeasedShard>> BackfillStore::LeaseShards(std::string_view worker,
                                                                    int32_t max_shards,
                                                                    absl::Duration length,
                                                                    const CallBounds& bounds) {
  std::vector<LeasedShard> shards;
  const auto body = [&](pg::Transaction& transaction) -> absl::Status {
    shards.clear();
    RETURN_IF_ERROR(FailAbandoned(transaction));
    pg::Params params;
    params.Add(worker).Add(max_shards).Add(absl::ToDoubleSeconds(length)).Add(kMaxLeaseBytes);
    for (int round = 0; shards.empty() && round < kMostLeaseRounds; ++round) {
      ASSIGN_OR_RETURN(const pg::Result rows, transaction.Execute(kLeaseShards, params));
      if (rows.empty()) break;
      for (const pg::Row row : rows) {
        ASSIGN_OR_RETURN(shards.emplace_back(), ReadLease(row));
      }
      ASSIGN_OR_RETURN(const std::set<int64_t> failed, FailOutdated(transaction, shards));
      std::erase_if(shards,
                    [&](const LeasedShard& shard) { return failed.contains(shard.shard_id); });
    }
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(pool_.Run(bounds, pg::TransactionMode::kReadWrite, body));
  return shards;
}

absl::StatusOr<RenewedLeases> BackfillStore::Renew(std::string_view worker,
                                                   const std::vector<Lease>& leases,
                                                   absl::Duration length,
                                                   const CallBounds& bounds) {
  std::vector<int64_t> shards;
  std::vector<int64_t> fences;
  for (const Lease& lease : leases) {
    shards.push_back(lease.shard_id);
    fences.push_back(lease.fence);
  }
  pg::Params params;
  params.Add(worker).AddArray(std::span<const int64_t>(shards));
  params.AddArray(std::span<const int64_t>(fences)).Add(absl::ToDoubleSeconds(length));
  RenewedLeases renewed;
  const auto body = [&](pg::Transaction& transaction) -> absl::Status {
    renewed = {};
    ASSIGN_OR_RETURN(const pg::Result rows, transaction.Execute(kRenewLeases, params));
    for (const pg::Row row : rows) {
      renewed.shard_ids.push_back(row.Int64(0));
      const absl::Time expiry = row.Time(1);
      if (renewed.shard_ids.size() == 1 || expiry < renewed.expire_time) {
        renewed.expire_time = expiry;
      }
    }
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(pool_.Run(bounds, pg::TransactionMode::kReadWrite, body));
  std::sort(renewed.shard_ids.begin(), renewed.shard_ids.end());
  return renewed;
}

absl::StatusOr<bool> BackfillStore::Release(const Lease& lease, std::string_view error,
                                            bool permanent, const CallBounds& bounds) {
  bool failed = false;
  const auto body = [&](pg::Transaction& transaction) -> absl::Status {
    pg::Params params;
    params.Add(lease.shard_id).Add(lease.fence).Add(error).Add(permanent);
    params.Add(kMaxShardFailures);
    ASSIGN_OR_RETURN(const pg::Result rows, transaction.Execute(kReleaseShard, params));
    if (rows.empty()) return LeaseLost(lease);
    failed = rows[0].Text(1) == "failed";
    if (!failed) return absl::OkStatus();
    RETURN_IF_ERROR(NoteError(transaction, rows[0].Int64(0), error));
    return ConcludeBackfill(transaction, rows[0].Int64(0));
  };
  RETURN_IF_ERROR(pool_.Run(bounds, pg::TransactionMode::kReadWrite, body));
  return failed;
}

}  // namespace metricstore::registry
