#include "registry_service/backfills/backfill_store.h"

#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "registry_service/backfills/backfill_statements.h"
#include "registry_service/backfills/job_identity.h"

namespace metricstore::registry {
namespace {

// An unfinished job may end between being met and being read; then there is room for a new one.
constexpr int kInsertAttempts = 5;

// A plan is made anew where another version of what its metrics read comes to be served meanwhile,
// or a calendar changes of which no shard knows.
constexpr int kPlanAttempts = 5;

absl::StatusOr<BackfillState> ParseState(std::string_view name) {
  if (name == "running") return BackfillState::kRunning;
  if (name == "succeeded") return BackfillState::kSucceeded;
  if (name == "failed") return BackfillState::kFailed;
  if (name == "cancelled") return BackfillState::kCancelled;
  return status::InternalError("unknown state of a backfill: " + std::string(name));
}

absl::StatusOr<Backfill> ReadBackfill(const pg::Row& row) {
  Backfill backfill;
  backfill.id = row.Int64(0);
  ASSIGN_OR_RETURN(backfill.spec, ParseBackfillSpec(row.Text(1)));
  ASSIGN_OR_RETURN(backfill.state, ParseState(row.Text(2)));
  backfill.shards_total = row.Int64(3);
  backfill.shards_done = row.Int64(4);
  backfill.shards_failed = row.Int64(5);
  backfill.shards_leased = row.Int64(6);
  backfill.rows_read = row.Int64(7);
  backfill.points = row.Int64(8);
  backfill.error = std::string(row.Text(9));
  backfill.create_time = row.Time(10);
  backfill.update_time = row.Time(11);
  backfill.end_time = row.OptionalTime(12);
  backfill.idle = absl::Seconds(row.Float64(13));
  return backfill;
}

absl::StatusOr<std::vector<Backfill>> SelectBackfills(pg::Transaction& transaction,
                                                      int32_t project_id, std::optional<int64_t> id,
                                                      int64_t before, int32_t limit) {
  pg::Params params;
  params.Add(project_id).AddOptional(id).Add(before).Add(limit);
  ASSIGN_OR_RETURN(const pg::Result rows, transaction.Execute(kSelectBackfills, params));
  std::vector<Backfill> backfills;
  for (const pg::Row row : rows) {
    ASSIGN_OR_RETURN(backfills.emplace_back(), ReadBackfill(row));
  }
  return backfills;
}

absl::StatusOr<Backfill> SelectBackfill(pg::Transaction& transaction, int32_t project_id,
                                        int64_t id) {
  ASSIGN_OR_RETURN(
      std::vector<Backfill> found,
      SelectBackfills(transaction, project_id, id, std::numeric_limits<int64_t>::max(), 1));
  if (!found.empty()) return std::move(found[0]);
  return status::ErrorBuilder(absl::StatusCode::kNotFound, "BACKFILL_NOT_FOUND",
                              absl::StrCat("no backfill has the id ", id))
      .Metadata("backfill", absl::StrCat(id))
      .Build();
}

// The request as it was sent: what a request id stands for.
std::string RequestText(const BackfillRequest& request) {
  nlohmann::json grains = nlohmann::json::array();
  for (const Grain grain : request.grains) grains.push_back(GrainName(grain));
  nlohmann::json text = {{"metrics", request.metrics},
                         {"entities", request.entities},
                         {"from", FormatDate(request.dates.start)},
                         {"to", FormatDate(request.dates.end)},
                         {"grains", grains}};
  // Left out where it is not set, as requests were hashed before it existed.
  if (request.latest_versions) text["latest_versions"] = true;
  return text.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

// What a request id was answered with.
struct KnownRequest {
  int64_t backfill_id = 0;
  std::vector<SkippedMetric> skipped;
};

// The answer that the request id was given before.
absl::StatusOr<std::optional<KnownRequest>> SelectRequest(pg::Transaction& transaction,
                                                          int32_t project_id,
                                                          const BackfillRequest& request) {
  const pg::Params params =
      pg::Params().Add(project_id).Add(request.request_id).Add(RequestText(request));
  ASSIGN_OR_RETURN(const pg::Result rows, transaction.Execute(kSelectRequest, params));
  if (rows.empty()) return std::nullopt;
  if (rows[0].Bool(0)) {
    KnownRequest known{.backfill_id = rows[0].Int64(1), .skipped = {}};
    ASSIGN_OR_RETURN(known.skipped, ParseSkipped(rows[0].Text(2)));
    return known;
  }
  return status::ErrorBuilder(absl::StatusCode::kAlreadyExists, "REQUEST_ID_REUSED",
                              "the request id was used for another request")
      .Metadata("request_id", request.request_id)
      .Build();
}

absl::Status InsertShards(pg::Transaction& transaction, int64_t id,
                          const std::vector<ShardSpec>& shards) {
  std::vector<std::string> specs;
  specs.reserve(shards.size());
  for (const ShardSpec& shard : shards) specs.push_back(ShardSpecToJson(shard));
  pg::Params params;
  params.Add(id).AddArray(std::span<const std::string>(specs));
  return transaction.Execute(kInsertShards, params).status();
}

struct JobId {
  int64_t id = 0;
  bool existing = false;
  std::vector<SkippedMetric> skipped;
};

// Of concurrent callers one inserts, the others wait for it and find its job.
absl::StatusOr<JobId> InsertOrFind(pg::Transaction& transaction, int32_t project_id,
                                   const BackfillPlan& plan) {
  ASSIGN_OR_RETURN(const std::string identity, JobIdentity(transaction, project_id, plan));
  const std::string spec = BackfillSpecToJson(plan.spec);
  for (int attempt = 0; attempt < kInsertAttempts; ++attempt) {
    pg::Params params;
    params.Add(project_id).Add(identity).Add(spec);
    params.Add(static_cast<int64_t>(plan.shards.size())).Add(SkippedToJson(plan.skipped));
    params.Add(plan.requested_dates.start).Add(plan.requested_dates.end).Add(plan.snapshot);
    ASSIGN_OR_RETURN(const pg::Result inserted, transaction.Execute(kInsertBackfill, params));
    if (!inserted.empty()) {
      const int64_t id = inserted.Single().Int64(0);
      RETURN_IF_ERROR(InsertShards(transaction, id, plan.shards));
      // A job that has nothing to read has done so.
      if (plan.shards.empty()) RETURN_IF_ERROR(ConcludeBackfill(transaction, id));
      return JobId{id, false, plan.skipped};
    }
    const pg::Params key = pg::Params().Add(project_id).Add(identity);
    ASSIGN_OR_RETURN(const pg::Result found, transaction.Execute(kSelectUnfinished, key));
    if (!found.empty()) return JobId{found.Single().Int64(0), true, plan.skipped};
  }
  return status::ErrorBuilder(absl::StatusCode::kAborted, "TRANSACTION_CONFLICT",
                              "jobs like this one keep ending while it is created")
      .Build();
}

// Whether what the plan's metrics read is still what is served. If so, it stays until the end of
// the transaction: whoever promotes a version marks the results of unfinished jobs, and would not
// know of this one. The check is a statement of its own: its snapshot is taken once the lock is
// held.
absl::StatusOr<bool> ReadsStand(pg::Transaction& transaction, int32_t project_id,
                                const BackfillPlan& plan) {
  if (plan.reads.empty()) return true;
  RETURN_IF_ERROR(transaction.Execute(kHoldCatalog, pg::Params().Add(project_id)).status());
  std::vector<std::string> metrics;
  std::vector<int32_t> versions;
  for (const auto& [id, version] : plan.reads) {
    metrics.push_back(id);
    versions.push_back(version);
  }
  const pg::Params params = pg::Params().Add(project_id).AddArray(metrics).AddArray(versions);
  ASSIGN_OR_RETURN(const pg::Result stand, transaction.Execute(kReadsStand, params));
  return stand.Single().Bool(0);
}

// No job where the plan is to be made anew.
absl::StatusOr<std::optional<JobId>> CreateInTransaction(pg::Transaction& transaction,
                                                         int32_t project_id,
                                                         const BackfillRequest& request,
                                                         const BackfillPlan& plan) {
  if (!request.request_id.empty()) {
    const pg::Params params = pg::Params().Add(project_id).Add(request.request_id);
    RETURN_IF_ERROR(transaction.Execute(kLockRequestId, params).status());
    ASSIGN_OR_RETURN(auto known, SelectRequest(transaction, project_id, request));
    if (known.has_value()) return JobId{known->backfill_id, true, std::move(known->skipped)};
  }
  ASSIGN_OR_RETURN(const bool stands, ReadsStand(transaction, project_id, plan));
  if (!stands) return std::nullopt;
  for (const PlannedCalendar& calendar : plan.unchecked_calendars) {
    ASSIGN_OR_RETURN(const bool follows, CalendarStands(transaction, project_id, calendar));
    if (!follows) return std::nullopt;
  }
  ASSIGN_OR_RETURN(JobId job, InsertOrFind(transaction, project_id, plan));
  if (!request.request_id.empty()) {
    pg::Params params;
    params.Add(project_id).Add(request.request_id).Add(RequestText(request)).Add(job.id);
    RETURN_IF_ERROR(transaction.Execute(kInsertRequest, params).status());
  }
  return job;
}

CreatedBackfill NotStored(BackfillPlan plan) {
  CreatedBackfill created;
  created.backfill.spec = std::move(plan.spec);
  created.backfill.shards_total = static_cast<int64_t>(plan.shards.size());
  created.skipped = std::move(plan.skipped);
  return created;
}

}  // namespace

absl::StatusOr<CreatedBackfill> BackfillStore::Create(int32_t project_id,
                                                      const BackfillRequest& request,
                                                      const CallBounds& bounds) {
  if (!request.request_id.empty()) {
    // The answer of that time stands, whatever has become of metrics and rows since.
    ASSIGN_OR_RETURN(auto found, FindByRequestId(project_id, request, bounds));
    if (found.has_value()) return *std::move(found);
  }
  for (int attempt = 0; attempt < kPlanAttempts; ++attempt) {
    ASSIGN_OR_RETURN(BackfillPlan plan, planner_.Plan(project_id, request, bounds));
    if (request.validate_only) return NotStored(std::move(plan));
    std::optional<CreatedBackfill> created;
    const auto body = [&](pg::Transaction& transaction) -> absl::Status {
      created.reset();
      ASSIGN_OR_RETURN(auto job, CreateInTransaction(transaction, project_id, request, plan));
      if (!job.has_value()) return absl::OkStatus();
      ASSIGN_OR_RETURN(Backfill backfill, SelectBackfill(transaction, project_id, job->id));
      created = CreatedBackfill{std::move(backfill), job->existing, std::move(job->skipped)};
      return absl::OkStatus();
    };
    RETURN_IF_ERROR(pool_.Run(bounds, pg::TransactionMode::kReadWrite, body));
    if (created.has_value()) return *std::move(created);
  }
  return status::ErrorBuilder(
             absl::StatusCode::kAborted, "TRANSACTION_CONFLICT",
             "metrics that are read, or calendars, keep changing while it is planned")
      .Build();
}

absl::StatusOr<std::optional<CreatedBackfill>> BackfillStore::FindByRequestId(
    int32_t project_id, const BackfillRequest& request, const CallBounds& bounds) {
  std::optional<CreatedBackfill> found;
  const auto body = [&](pg::Transaction& transaction) -> absl::Status {
    found.reset();
    ASSIGN_OR_RETURN(auto known, SelectRequest(transaction, project_id, request));
    if (!known.has_value()) return absl::OkStatus();
    ASSIGN_OR_RETURN(Backfill backfill,
                     SelectBackfill(transaction, project_id, known->backfill_id));
    found = CreatedBackfill{std::move(backfill), true, std::move(known->skipped)};
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(pool_.Run(bounds, pg::TransactionMode::kReadOnly, body));
  return found;
}

absl::StatusOr<Backfill> BackfillStore::Get(int32_t project_id, int64_t id,
                                            const CallBounds& bounds) {
  Backfill backfill;
  const auto body = [&](pg::Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(backfill, SelectBackfill(transaction, project_id, id));
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(pool_.Run(bounds, pg::TransactionMode::kReadOnly, body));
  return backfill;
}

absl::StatusOr<std::vector<Backfill>> BackfillStore::List(int32_t project_id, int64_t before,
                                                          int32_t limit, const CallBounds& bounds) {
  if (before == 0) before = std::numeric_limits<int64_t>::max();
  std::vector<Backfill> backfills;
  const auto body = [&](pg::Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(backfills,
                     SelectBackfills(transaction, project_id, std::nullopt, before, limit));
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(pool_.Run(bounds, pg::TransactionMode::kReadOnly, body));
  return backfills;
}

absl::StatusOr<Backfill> BackfillStore::Cancel(int32_t project_id, int64_t id,
                                               const CallBounds& bounds) {
  Backfill backfill;
  const auto body = [&](pg::Transaction& transaction) -> absl::Status {
    // Shards before the job, the order in which a commit locks them.
    const pg::Params params = pg::Params().Add(project_id).Add(id);
    RETURN_IF_ERROR(transaction.Execute(kCancelShards, params).status());
    RETURN_IF_ERROR(transaction.Execute(kCancelBackfill, params).status());
    ASSIGN_OR_RETURN(backfill, SelectBackfill(transaction, project_id, id));
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(pool_.Run(bounds, pg::TransactionMode::kReadWrite, body));
  return backfill;
}

}  // namespace metricstore::registry
