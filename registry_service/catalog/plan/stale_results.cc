#include "registry_service/catalog/plan/stale_results.h"

#include <algorithm>
#include <map>
#include <utility>

#include "common/status/macros.h"
#include "registry_service/catalog/diff/metric_diff.h"
#include "registry_service/catalog/plan/plan_statements.h"

namespace metricstore::registry {
namespace {

// Whether rows of the dataset belong elsewhere. What another calendar changes is told date by date.
bool ChangesRows(const ImportChange& change) {
  return std::any_of(change.changes.begin(), change.changes.end(), [](const FieldChange& field) {
    return field.changes_meaning && field.field != "calendar";
  });
}

// Metrics that can no longer be computed, and so have no results to compute again.
std::set<std::string> BrokenBy(const ImportChanges& changes, const MetricReaders& readers) {
  std::set<std::string> broken;
  for (const ImportChange& change : changes.metrics) {
    for (const BrokenReader& reader : change.broken_readers) broken.insert(reader.metric);
  }
  std::set<std::string> all = readers.AllReaders(broken);
  all.merge(broken);
  return all;
}

// All results of the metrics' active versions.
absl::Status ReadWholeResults(pg::Transaction& transaction, int32_t project_id,
                              const std::set<std::string>& stale, ImportPlan& plan) {
  if (stale.empty()) return absl::OkStatus();
  const std::vector<std::string> ids(stale.begin(), stale.end());
  const pg::Params params = pg::Params().Add(project_id).AddArray(ids);
  ASSIGN_OR_RETURN(const pg::Result results, transaction.Execute(kSelectStaleResults, params));
  for (const pg::Row row : results) {
    StaleResults& found = plan.stale.emplace_back();
    found.metric = std::string(row.Text(0));
    found.version = row.Int32(1);
    found.series = row.Int64(2);
    found.points = row.Int64(3);
    found.first_bucket = row.OptionalTime(4);
    found.last_bucket = row.OptionalTime(5);
    if (!row.IsNull(6)) found.grain = static_cast<Grain>(row.Int32(6));
    plan.recompute_points += found.points;
  }
  return absl::OkStatus();
}

// What a change of calendars or datasets touches, beside metrics that are stale as a whole.
void AddEffects(const ImportChange& change, const std::set<std::string>& whole,
                std::set<std::string>& touched, ImportPlan& plan) {
  for (const StaleResults& results : change.outcome.stale) {
    if (whole.contains(results.metric)) continue;
    touched.insert(results.metric);
    plan.stale.push_back(results);
    plan.recompute_points += results.points;
  }
}

}  // namespace

std::set<std::string> StaleMetrics(const ImportChanges& changes, const MetricReaders& readers) {
  std::set<std::string> stale;
  std::set<std::string> promoted;
  for (const ImportChange& change : changes.metrics) {
    if (change.promotes) promoted.insert(change.outcome.name);
    if (change.makes_version && change.outcome.action != ImportAction::kCreated) {
      stale.insert(change.outcome.name);
    }
  }
  for (const ImportChange& change : changes.datasets) {
    if (ChangesRows(change)) stale.merge(readers.ReadersOfDataset(change.outcome.name));
  }
  stale.merge(readers.AllReaders(stale));
  // Its own results are those of its version; those who read it read another one.
  stale.merge(readers.AllReaders(promoted));
  const std::set<std::string> broken = BrokenBy(changes, readers);
  std::erase_if(stale, [&](const std::string& id) { return broken.contains(id); });
  return stale;
}

absl::Status ReadStaleResults(pg::Transaction& transaction, int32_t project_id,
                              const std::set<std::string>& stale, const Definitions& definitions,
                              const ImportChanges& changes, ImportPlan& plan) {
  RETURN_IF_ERROR(ReadWholeResults(transaction, project_id, stale, plan));
  std::set<std::string> touched = stale;
  for (const auto* list : {&changes.calendars, &changes.datasets}) {
    for (const ImportChange& change : *list) AddEffects(change, stale, touched, plan);
  }
  if (touched.empty()) return absl::OkStatus();
  const std::vector<std::string> ids(touched.begin(), touched.end());
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
