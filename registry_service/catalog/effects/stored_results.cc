#include "registry_service/catalog/effects/stored_results.h"

#include <utility>
#include <vector>

#include "common/status/error.h"
#include "common/status/macros.h"
#include "registry_service/catalog/definition/metric_json.h"
#include "registry_service/catalog/effects/effect_statements.h"

namespace metricstore::registry {
namespace {

absl::StatusOr<std::vector<DateRange>> RangesOf(const std::vector<std::string>& starts,
                                                const std::vector<std::string>& ends) {
  std::vector<DateRange> ranges;
  for (size_t i = 0; i < starts.size(); ++i) {
    ASSIGN_OR_RETURN(const absl::CivilDay start, ParseDate("dates", starts[i]));
    ASSIGN_OR_RETURN(const absl::CivilDay end, ParseDate("dates", ends[i]));
    ranges.push_back({start, end});
  }
  return ranges;
}

// With its version, which tells it from what is served.
absl::StatusOr<MetricDefinition> VersionFrom(const pg::Row& row) {
  ASSIGN_OR_RETURN(MetricDefinition metric, MetricFromJson(row.Text(5)));
  metric.version = row.Int32(1);
  return metric;
}

absl::Status LoadVersions(pg::Transaction& transaction, int32_t project_id,
                          const std::set<std::string>& datasets, StoredResults& results) {
  const std::vector<std::string> names(datasets.begin(), datasets.end());
  const pg::Params params = pg::Params().Add(project_id).AddArray(names);
  ASSIGN_OR_RETURN(const pg::Result rows, transaction.Execute(kSelectStoredVersions, params));
  for (const pg::Row row : rows) {
    const VersionKey key(row.Text(0), row.Int32(1), static_cast<Grain>(row.Int32(2)));
    VersionResults& stored = results.versions[key];
    ASSIGN_OR_RETURN(stored.definition, VersionFrom(row));
    stored.buckets = {row.Time(3), row.Time(4)};
  }
  ASSIGN_OR_RETURN(const pg::Result jobs, transaction.Execute(kSelectComputedVersions, params));
  for (const pg::Row row : jobs) {
    const auto grain = ParseGrain(row.Text(2));
    if (!grain.has_value()) return status::InternalError("a stored backfill has an unknown grain");
    VersionResults& stored = results.versions[VersionKey(row.Text(0), row.Int32(1), *grain)];
    ASSIGN_OR_RETURN(stored.definition, VersionFrom(row));
    ASSIGN_OR_RETURN(stored.computed, RangesOf(row.TextArray(3), row.TextArray(4)));
  }
  return absl::OkStatus();
}

// What the versions read, and what that reads, and so on.
absl::Status LoadRead(pg::Transaction& transaction, int32_t project_id, StoredResults& results) {
  std::set<std::string> wanted, known;
  for (const auto& [key, stored] : results.versions) {
    wanted.insert(stored.definition.depends_on.begin(), stored.definition.depends_on.end());
  }
  while (!wanted.empty()) {
    known.insert(wanted.begin(), wanted.end());
    const std::vector<std::string> ids(wanted.begin(), wanted.end());
    wanted.clear();
    const pg::Params params = pg::Params().Add(project_id).AddArray(ids);
    ASSIGN_OR_RETURN(const pg::Result rows, transaction.Execute(kSelectServedDefinitions, params));
    for (const pg::Row row : rows) {
      ASSIGN_OR_RETURN(MetricDefinition metric, MetricFromJson(row.Text(1)));
      for (const std::string& id : metric.depends_on) {
        if (!known.contains(id)) wanted.insert(id);
      }
      results.served.emplace(row.Text(0), std::move(metric));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<StoredResults> LoadStoredResults(pg::Transaction& transaction, int32_t project_id,
                                                const std::set<std::string>& datasets) {
  StoredResults results;
  RETURN_IF_ERROR(LoadVersions(transaction, project_id, datasets, results));
  RETURN_IF_ERROR(LoadRead(transaction, project_id, results));
  return results;
}

}  // namespace metricstore::registry
