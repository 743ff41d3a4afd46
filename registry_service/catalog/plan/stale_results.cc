#include "registry_service/catalog/plan/stale_results.h"

#include <map>
#include <utility>

#include "common/status/macros.h"
#include "registry_service/catalog/diff/metric_diff.h"
#include "registry_service/catalog/plan/plan_statements.h"

namespace metricstore::registry {

std::set<std::string> StaleMetrics(const ImportChanges& changes, const MetricReaders& readers) {
  std::set<std::string> stale;
  for (const ImportChange& change : changes.metrics) {
    if (change.makes_version && change.outcome.action != ImportAction::kCreated) {
      stale.insert(change.outcome.name);
    }
  }
  for (const ImportChange& change : changes.datasets) {
    if (ChangesMeaning(change.changes)) stale.merge(readers.ReadersOfDataset(change.outcome.name));
  }
  for (const ImportChange& change : changes.calendars) {
    if (ChangesMeaning(change.changes)) stale.merge(readers.ReadersOfCalendar(change.outcome.name));
  }
  stale.merge(readers.AllReaders(stale));
  return stale;
}

absl::Status ReadStaleResults(pg::Transaction& transaction, int32_t project_id,
                              const std::set<std::string>& stale, const Definitions& definitions,
                              ImportPlan& plan) {
  if (stale.empty()) return absl::OkStatus();
  const std::vector<std::string> ids(stale.begin(), stale.end());
  const pg::Params params = pg::Params().Add(project_id).AddArray(ids);
  ASSIGN_OR_RETURN(const pg::Result results, transaction.Execute(kSelectStaleResults, params));
  for (const pg::Row row : results) {
    plan.stale.push_back({std::string(row.Text(0)), row.Int32(1), row.Int64(2), row.Int64(3),
                          row.OptionalTime(4), row.OptionalTime(5)});
    plan.recompute_points += row.Int64(3);
  }
  std::map<std::string, std::string> imported;
  for (const auto& located : definitions.metrics) {
    imported[located.definition.id()] = located.definition.dataset;
  }
  std::vector<std::string> datasets;
  for (const std::string& id : ids) {
    const auto found = imported.find(id);
    datasets.push_back(found == imported.end() ? "" : found->second);
  }
  const pg::Params recompute = pg::Params().Add(project_id).AddArray(ids).AddArray(datasets);
  ASSIGN_OR_RETURN(const pg::Result rows, transaction.Execute(kCountRowsOfResults, recompute));
  plan.recompute_rows = rows.Single().Int64(0);
  return absl::OkStatus();
}

}  // namespace metricstore::registry
