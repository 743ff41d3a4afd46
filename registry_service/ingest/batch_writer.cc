#include "registry_service/ingest/batch_writer.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "common/time/iso8601.h"
#include "registry_service/datasets/raw_table.h"
#include "registry_service/ingest/batch_check.h"
#include "registry_service/ingest/ingest_statements.h"
#include "registry_service/ingest/raw_rows.h"
#include "registry_service/ingest/row_order.h"

namespace metricstore::registry {
namespace {

constexpr size_t kMaxBatchIdBytes = 200;

absl::Status CheckBatchId(const std::string& id) {
  if (id.empty()) return status::FieldRequired("batch_id");
  const bool printable =
      std::none_of(id.begin(), id.end(), [](unsigned char c) { return c < 0x20 || c == 0x7F; });
  if (!printable || id.size() > kMaxBatchIdBytes) {
    return status::FieldInvalid("batch_id", id.substr(0, kMaxBatchIdBytes),
                                "must be 1 to 200 printable characters");
  }
  return absl::OkStatus();
}

bool InKey(const Dataset& dataset, const std::string& column) {
  return std::find(dataset.grain.begin(), dataset.grain.end(), column) != dataset.grain.end();
}

// One batch's way through its transaction.
class BatchTransaction {
 public:
  BatchTransaction(pg::Transaction& transaction, const OrderedRows& rows,
                   const std::vector<EntityShare>& shares, const IncomingBatch& batch)
      : transaction_(transaction),
        rows_(rows),
        dataset_(rows.dataset),
        shares_(shares),
        batch_(batch),
        has_time_(!dataset_.time_column.empty()),
        entity_in_key_(dataset_.entity_column.empty() || InKey(dataset_, dataset_.entity_column)) {}

  // False if the batch had been stored before; `result` then has its counts.
  absl::StatusOr<bool> Claim(BatchResult& result) {
    pg::Params params = Key();
    params.Add(batch_.batch_id).AddBytes(batch_.content_sha256);
    ASSIGN_OR_RETURN(const pg::Result claimed, transaction_.Execute(kInsertBatch, params));
    if (claimed.affected_rows() > 0) return true;
    ASSIGN_OR_RETURN(const pg::Result stored, transaction_.Execute(kSelectBatch, params));
    if (stored.empty() || !stored[0].Bool(0)) return Reused();
    result.already_stored = true;
    result.inserted_rows = stored[0].Int64(1);
    result.updated_rows = stored[0].Int64(2);
    result.unchanged_rows = stored[0].Int64(3);
    result.rejected_rows = stored[0].Int64(4);
    return false;
  }

  // Stores the rows. `may_append` false: do not rely on the entities' times.
  absl::StatusOr<MergeCounts> Write(bool may_append) {
    if (rows_.order.empty()) return MergeCounts{};
    ASSIGN_OR_RETURN(const bool all_new, Lock());
    MergeCounts counts;
    if (all_new && may_append) {
      RETURN_IF_ERROR(AppendRows(transaction_, rows_));
      counts.inserted = static_cast<int64_t>(rows_.order.size());
      for (const EntityShare& share : shares_) {
        counts.inserted_by_entity[share.entity] = share.rows;
        counts.times.Add(FromMicros(share.oldest_micros));
        counts.times.Add(FromMicros(share.newest_micros));
      }
    } else {
      ASSIGN_OR_RETURN(counts, MergeRows(transaction_, rows_));
    }
    RETURN_IF_ERROR(CountEntities(counts));
    return counts;
  }

  absl::Status Count(const BatchResult& result, const RowTimes& times) {
    pg::Params params = Key();
    params.Add(batch_.batch_id).Add(result.inserted_rows).Add(result.updated_rows);
    params.Add(result.unchanged_rows).Add(result.rejected_rows);
    params.AddOptional(times.first).AddOptional(times.last);
    return transaction_.Execute(kCountBatch, params).status();
  }

 private:
  pg::Params Key() const { return pg::Params().Add(rows_.project_id).Add(dataset_.name); }

  absl::Status Reused() const {
    return status::ErrorBuilder(
               absl::StatusCode::kAlreadyExists, "BATCH_ID_REUSED",
               absl::StrCat("batch id \"", batch_.batch_id, "\" was used for other content"))
        .Metadata("dataset", dataset_.name)
        .Metadata("batch_id", batch_.batch_id)
        .Build();
  }

  // Locks the batch's entities, and says whether the times of their rows prove that every row is
  // new: it is older or newer than all that is stored.
  absl::StatusOr<bool> Lock() {
    const bool time_tells = has_time_ && InKey(dataset_, dataset_.time_column);
    if (!entity_in_key_) {
      RETURN_IF_ERROR(transaction_.Execute(kLockDataset, Key()).status());
    }
    std::vector<std::string> names;
    for (const EntityShare& share : shares_) names.push_back(share.entity);
    pg::Params params = Key();
    params.AddArray(std::span<const std::string>(names));
    RETURN_IF_ERROR(transaction_.Execute(kInsertEntities, params).status());
    ASSIGN_OR_RETURN(const pg::Result locked, transaction_.Execute(kLockEntities, params));
    if (static_cast<size_t>(locked.size()) != shares_.size()) {
      return status::InternalError("entities vanished while they were locked");
    }
    if (!time_tells) return false;
    if (!entity_in_key_) return BeyondStoredTimes();
    for (int i = 0; i < locked.size(); ++i) {
      const EntityShare& share = shares_[static_cast<size_t>(i)];
      if (!Beyond(share, locked[i].OptionalTime(1), locked[i].OptionalTime(2))) return false;
    }
    return true;
  }

  static bool Beyond(const EntityShare& share, const std::optional<absl::Time>& oldest,
                     const std::optional<absl::Time>& newest) {
    if (!oldest.has_value() || !newest.has_value()) return true;
    return FromMicros(share.newest_micros) < *oldest || FromMicros(share.oldest_micros) > *newest;
  }

  absl::StatusOr<bool> BeyondStoredTimes() {
    ASSIGN_OR_RETURN(const pg::Result times, transaction_.Execute(kSelectStoredTimes, Key()));
    const auto oldest = times[0].OptionalTime(0);
    const auto newest = times[0].OptionalTime(1);
    return std::all_of(shares_.begin(), shares_.end(),
                       [&](const EntityShare& share) { return Beyond(share, oldest, newest); });
  }

  absl::Status CountEntities(const MergeCounts& counts) {
    std::vector<std::string> names;
    std::vector<int64_t> added;
    std::vector<absl::Time> oldest;
    std::vector<absl::Time> newest;
    const auto count_of = [](const std::map<std::string, int64_t>& by_entity,
                             const std::string& entity) {
      const auto found = by_entity.find(entity);
      return found == by_entity.end() ? 0 : found->second;
    };
    for (const EntityShare& share : shares_) {
      names.push_back(share.entity);
      added.push_back(count_of(counts.inserted_by_entity, share.entity) +
                      count_of(counts.arrived, share.entity));
      oldest.push_back(FromMicros(share.oldest_micros));
      newest.push_back(FromMicros(share.newest_micros));
    }
    pg::Params params = Key();
    params.AddArray(std::span<const std::string>(names));
    params.AddArray(std::span<const int64_t>(added));
    params.AddArray(std::span<const absl::Time>(oldest));
    params.AddArray(std::span<const absl::Time>(newest)).Add(has_time_);
    RETURN_IF_ERROR(transaction_.Execute(kCountEntities, params).status());
    return MoveFromEntities(counts);
  }

  absl::Status MoveFromEntities(const MergeCounts& counts) {
    if (counts.left.empty()) return absl::OkStatus();
    std::vector<std::string> names;
    std::vector<int64_t> moved;
    for (const auto& [entity, row_count] : counts.left) {
      names.push_back(entity);
      moved.push_back(row_count);
    }
    pg::Params params = Key();
    params.AddArray(std::span<const std::string>(names));
    params.AddArray(std::span<const int64_t>(moved));
    return transaction_.Execute(kMoveFromEntities, params).status();
  }

  pg::Transaction& transaction_;
  const OrderedRows& rows_;
  const Dataset& dataset_;
  const std::vector<EntityShare>& shares_;
  const IncomingBatch& batch_;
  const bool has_time_;
  const bool entity_in_key_;
};

// The times of the rows to store: which partitions they need.
std::vector<int64_t> TimesOf(const Dataset& dataset, const columns::ColumnBatch& rows,
                             const std::vector<uint32_t>& order) {
  std::vector<int64_t> times;
  const columns::Column* time = rows.Find(dataset.time_column);
  if (time == nullptr) return times;
  times.reserve(order.size());
  for (const uint32_t row : order) times.push_back(time->int64[row]);
  return times;
}

}  // namespace

absl::StatusOr<BatchResult> BatchWriter::Store(int32_t project_id, const Dataset& dataset,
                                               const IncomingBatch& batch,
                                               const CallBounds& bounds) {
  RETURN_IF_ERROR(CheckBatchId(batch.batch_id));
  ASSIGN_OR_RETURN(const auto columns, MatchColumns(dataset, batch.rows));
  const RejectedRows rejected = CheckRows(dataset, columns, batch);
  const std::vector<uint32_t> order = OrderRows(dataset, columns, batch.rows, rejected);
  const std::vector<EntityShare> shares = SharesOf(dataset, batch.rows, order);
  const std::vector<int64_t> times = TimesOf(dataset, batch.rows, order);
  const auto rejected_rows = static_cast<int64_t>(rejected.rows().size());
  const OrderedRows rows{dataset, project_id, columns, order};

  BatchResult result;
  bool may_append = true;
  const auto body = [&](pg::Transaction& transaction) -> absl::Status {
    result = {.batch_id = batch.batch_id};
    BatchTransaction work(transaction, rows, shares, batch);
    ASSIGN_OR_RETURN(const bool claimed, work.Claim(result));
    if (!claimed) return absl::OkStatus();
    ASSIGN_OR_RETURN(const MergeCounts counts, work.Write(may_append));
    result.inserted_rows = counts.inserted;
    result.updated_rows = counts.updated;
    result.rejected_rows = rejected_rows;
    result.unchanged_rows =
        static_cast<int64_t>(batch.rows.rows) - rejected_rows - counts.inserted - counts.updated;
    result.rejects = rejected.listed();
    return work.Count(result, counts.times);
  };
  RETURN_IF_ERROR(partitions_.Ensure(dataset, times, bounds));
  absl::Status stored = pool_.Run(bounds, pg::TransactionMode::kReadWrite, body);
  if (status::ReasonOf(stored) == "CONSTRAINT_VIOLATED") {
    // A partition was dropped, or rows came in another way: look again, and trust nothing.
    may_append = false;
    partitions_.Forget(dataset.name);
    RETURN_IF_ERROR(partitions_.Ensure(dataset, times, bounds));
    stored = pool_.Run(bounds, pg::TransactionMode::kReadWrite, body);
  }
  RETURN_IF_ERROR(stored);
  return result;
}

}  // namespace metricstore::registry
