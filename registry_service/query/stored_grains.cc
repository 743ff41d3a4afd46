#include "registry_service/query/stored_grains.h"

#include <utility>

#include "common/status/macros.h"
#include "registry_service/query/freshness_statements.h"

namespace metricstore::registry {
namespace {

GrainKey KeyOf(const pg::Row& row) {
  return {std::string(row.Text(0)), row.Int32(1), static_cast<Grain>(row.Int32(2))};
}

}  // namespace

absl::StatusOr<NewestBuckets> ReadNewestBuckets(pg::Transaction& transaction, int32_t project_id,
                                                const std::vector<CatalogEntryPtr>& entries) {
  std::vector<std::string> ids;
  std::vector<int32_t> versions;
  for (const CatalogEntryPtr& entry : entries) {
    for (const MetricDefinition* metric : {&entry->active, entry->pending.get()}) {
      if (metric == nullptr) continue;
      ids.push_back(metric->id());
      versions.push_back(metric->version);
    }
  }
  const pg::Params params = pg::Params().Add(project_id).AddArray(ids).AddArray(versions);
  NewestBuckets newest;
  ASSIGN_OR_RETURN(const pg::Result rows, transaction.Execute(kSelectNewestBuckets, params));
  for (const pg::Row row : rows) newest.emplace_hint(newest.end(), KeyOf(row), row.Time(3));
  return newest;
}

absl::StatusOr<StoredGrains> ReadStoredGrains(pg::Transaction& transaction, int32_t project_id,
                                              const std::vector<CatalogEntryPtr>& entries,
                                              const NewestBuckets& newest) {
  StoredGrains stored;
  std::vector<std::string> ids, all;
  std::vector<int32_t> versions, grains;
  std::map<std::pair<std::string, int>, Grain> own;
  for (const CatalogEntryPtr& entry : entries) {
    const MetricDefinition& metric = entry->active;
    all.push_back(metric.id());
    own.emplace(std::pair(all.back(), metric.version), metric.grain);
  }
  const auto own_grain = [&](const GrainKey& key) -> std::optional<Grain> {
    const auto found = own.find({std::get<0>(key), std::get<1>(key)});
    return found == own.end() ? std::nullopt : std::optional(found->second);
  };
  for (const auto& [key, bucket] : newest) {
    if (own_grain(key).value_or(std::get<2>(key)) == std::get<2>(key)) continue;
    stored[key].buckets = TimeRange{bucket, bucket};
    ids.push_back(std::get<0>(key));
    versions.push_back(std::get<1>(key));
    grains.push_back(static_cast<int32_t>(std::get<2>(key)));
  }
  if (!ids.empty()) {
    const pg::Params params =
        pg::Params().Add(project_id).AddArray(ids).AddArray(versions).AddArray(grains);
    ASSIGN_OR_RETURN(const pg::Result rows, transaction.Execute(kSelectOldestBuckets, params));
    for (const pg::Row row : rows) stored[KeyOf(row)].buckets->start = row.Time(3);
  }
  const pg::Params params = pg::Params().Add(project_id).AddArray(all);
  ASSIGN_OR_RETURN(const pg::Result marks, transaction.Execute(kSelectMarkedGrains, params));
  for (const pg::Row row : marks) {
    if (const GrainKey key = KeyOf(row); own_grain(key).has_value()) {
      stored[key].marks = DateRange{row.Date(3), row.Date(4)};
    }
  }
  return stored;
}

}  // namespace metricstore::registry
