#include "registry_service/datasets/dataset_store.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "registry_service/datasets/dataset_rows.h"
#include "registry_service/datasets/dataset_statements.h"

namespace metricstore::registry {
namespace {

// How old a served definition may be.
constexpr absl::Duration kMaxAge = absl::Seconds(1);
// Names looked through for a suggestion, and definitions kept: far more than a project has.
constexpr int64_t kMaxNames = 10'000;
constexpr size_t kMaxEntries = 10'000;

absl::StatusOr<std::vector<std::string>> NamesAfter(pg::Transaction& transaction,
                                                    int32_t project_id, std::string_view after,
                                                    int64_t limit) {
  const pg::Params params = pg::Params().Add(project_id).Add(after).Add(limit);
  ASSIGN_OR_RETURN(const pg::Result rows, transaction.Execute(kSelectDatasetPage, params));
  std::vector<std::string> names;
  for (const pg::Row row : rows) names.emplace_back(row.Text(0));
  return names;
}

absl::StatusOr<Dataset> LoadOne(pg::Transaction& transaction, int32_t project_id,
                                std::string_view name) {
  ASSIGN_OR_RETURN(std::vector<Dataset> found,
                   LoadDatasets(transaction, project_id, {std::string(name)}));
  if (!found.empty()) return std::move(found.front());
  ASSIGN_OR_RETURN(const auto names, NamesAfter(transaction, project_id, "", kMaxNames));
  return DatasetNotFound(name, names);
}

}  // namespace

absl::Status DatasetNotFound(std::string_view name, const std::vector<std::string>& known) {
  const std::string suggestion = status::ClosestMatch(name, known);
  std::string message = absl::StrCat("no dataset is named \"", std::string(name), "\"");
  if (!suggestion.empty()) absl::StrAppend(&message, "; did you mean \"", suggestion, "\"?");
  status::ErrorBuilder error(absl::StatusCode::kNotFound, "DATASET_NOT_FOUND", message);
  error.Metadata("dataset", name);
  if (!suggestion.empty()) error.Metadata("suggestion", suggestion);
  return error.Build();
}

absl::StatusOr<std::shared_ptr<const Dataset>> DatasetStore::Get(int32_t project_id,
                                                                 std::string_view name,
                                                                 const CallBounds& bounds) {
  const std::pair key(project_id, std::string(name));
  const absl::Time now = clock_.Now();
  {
    std::lock_guard lock(mutex_);
    const auto found = entries_.find(key);
    if (found != entries_.end() && now - found->second.read_at < kMaxAge) {
      return found->second.dataset;
    }
  }
  std::shared_ptr<const Dataset> dataset;
  const auto read = [&](pg::Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(Dataset loaded, LoadOne(transaction, project_id, name));
    dataset = std::make_shared<const Dataset>(std::move(loaded));
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(pool_.Run(bounds, pg::TransactionMode::kReadOnlySnapshot, read));
  std::lock_guard lock(mutex_);
  if (entries_.size() >= kMaxEntries) entries_.clear();
  // Aged from before the read, and never replaced by an older state that was slower to arrive.
  Entry& entry = entries_[key];
  if (entry.dataset == nullptr || entry.dataset->update_time <= dataset->update_time) {
    entry = {dataset, now};
  }
  return dataset;
}

absl::StatusOr<std::vector<std::shared_ptr<const Dataset>>> DatasetStore::List(
    int32_t project_id, std::string_view after, int64_t limit, const CallBounds& bounds) {
  std::vector<std::shared_ptr<const Dataset>> datasets;
  const auto read = [&](pg::Transaction& transaction) -> absl::Status {
    datasets.clear();
    ASSIGN_OR_RETURN(const auto names, NamesAfter(transaction, project_id, after, limit));
    ASSIGN_OR_RETURN(std::vector<Dataset> loaded, LoadDatasets(transaction, project_id, names));
    for (Dataset& dataset : loaded) {
      datasets.push_back(std::make_shared<const Dataset>(std::move(dataset)));
    }
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(pool_.Run(bounds, pg::TransactionMode::kReadOnlySnapshot, read));
  return datasets;
}

absl::StatusOr<std::vector<DatasetStatistics>> DatasetStore::Statistics(
    int32_t project_id, const std::vector<std::string>& names, const CallBounds& bounds) {
  std::map<std::string, DatasetStatistics, std::less<>> by_name;
  const auto read = [&](pg::Transaction& transaction) -> absl::Status {
    by_name.clear();
    const pg::Params params = pg::Params().Add(project_id).AddArray(names);
    ASSIGN_OR_RETURN(const pg::Result rows, transaction.Execute(kSelectDatasetStatistics, params));
    for (const pg::Row row : rows) {
      by_name[std::string(row.Text(0))] = {row.Int64(1), row.Int64(2), row.OptionalTime(3),
                                           row.OptionalTime(4)};
    }
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(pool_.Run(bounds, pg::TransactionMode::kReadOnly, read));
  std::vector<DatasetStatistics> statistics;
  for (const std::string& name : names) statistics.push_back(by_name[name]);
  return statistics;
}

void DatasetStore::Forget(int32_t project_id) {
  std::lock_guard lock(mutex_);
  std::erase_if(entries_, [&](const auto& entry) { return entry.first.first == project_id; });
}

}  // namespace metricstore::registry
