#include "registry_service/catalog/effects/stored_effects.h"

#include <map>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "registry_service/catalog/effects/effect_statements.h"
#include "registry_service/catalog/effects/import_causes.h"
#include "registry_service/catalog/effects/stale_buckets.h"
#include "registry_service/catalog/effects/stored_results.h"
#include "registry_service/catalog/effects/unseen_rows.h"

namespace metricstore::registry {
namespace {

// The instants at which buckets of the dates start, as a multirange.
std::string InstantsOf(const std::vector<DateRange>& dates, const calendar::Calendar& calendar) {
  std::string text = "{";
  for (const DateRange& range : dates) {
    const TimeRange instants = calendar.ExtentOf(range);
    absl::StrAppend(&text, text.size() > 1 ? "," : "", "[", FormatInstant(instants.start), ",",
                    FormatInstant(instants.end), ")");
  }
  return text + "}";
}

// Fills in how much of the stale results is stored.
absl::Status CountPoints(pg::Transaction& transaction, int32_t project_id,
                         const GroundChange& ground, std::vector<StaleResults>& stale) {
  if (stale.empty()) return absl::OkStatus();
  std::map<VersionKey, StaleResults*> places;
  std::vector<std::string> metrics, instants;
  std::vector<int32_t> versions, grains;
  for (StaleResults& results : stale) {
    places[VersionKey(results.metric, results.version, *results.grain)] = &results;
    metrics.push_back(results.metric);
    versions.push_back(results.version);
    grains.push_back(static_cast<int32_t>(*results.grain));
    instants.push_back(InstantsOf(results.dates, DatingCalendar(ground, *results.grain)));
  }
  pg::Params params;
  params.Add(project_id).AddArray(metrics).AddArray(versions).AddArray(grains).AddArray(instants);
  ASSIGN_OR_RETURN(const pg::Result rows, transaction.Execute(kCountTouchedPoints, params));
  for (const pg::Row row : rows) {
    const VersionKey key(row.Text(0), row.Int32(1), static_cast<Grain>(row.Int32(2)));
    StaleResults& results = *places.at(key);
    results.series = row.Int64(3);
    results.points = row.Int64(4);
    results.first_bucket = row.OptionalTime(5);
    results.last_bucket = row.OptionalTime(6);
  }
  return absl::OkStatus();
}

// Those of all causes that the change is, each version at a grain once.
struct FoundOf {
  const GroundChange* ground = nullptr;
  std::vector<StaleResults> stale;
};

absl::Status FillOutcomes(pg::Transaction& transaction, int32_t project_id,
                          std::map<ImportChange*, FoundOf> found) {
  for (auto& [change, of] : found) {
    RETURN_IF_ERROR(CountPoints(transaction, project_id, *of.ground, of.stale));
    change->outcome.stale = std::move(of.stale);
  }
  return absl::OkStatus();
}

// Metrics of which the import has another version served. A new metric has no readers with results.
std::vector<ServedChange> ServedChangesOf(const StoredDefinitions& stored,
                                          const ImportChanges& changes) {
  std::vector<ServedChange> served;
  for (const ImportChange& change : changes.metrics) {
    const ImportOutcome& outcome = change.outcome;
    const auto before = stored.metrics.find(outcome.name);
    if (before == stored.metrics.end()) continue;
    if (before->second.active_version == outcome.active_version) continue;
    served.push_back({outcome.name, outcome.active_version});
  }
  return served;
}

}  // namespace

absl::StatusOr<StoredEffects> FindStoredEffects(pg::Transaction& transaction, int32_t project_id,
                                                const Definitions& definitions,
                                                const StoredDefinitions& stored,
                                                ImportChanges& changes) {
  StoredEffects effects;
  effects.served = ServedChangesOf(stored, changes);
  ASSIGN_OR_RETURN(const std::vector<Cause> causes, FindCauses(definitions, stored, changes));
  std::set<std::string> datasets;
  for (const Cause& cause : causes) {
    for (const auto& [name, dataset] : cause.ground.datasets) datasets.insert(name);
  }
  if (datasets.empty()) return effects;
  ASSIGN_OR_RETURN(const StoredResults results,
                   LoadStoredResults(transaction, project_id, datasets));
  if (results.versions.empty()) return effects;
  SourceFinder sources([&](const std::string& id) { return results.Served(id); },
                       [](const std::string&) { return nullptr; });
  std::map<ImportChange*, FoundOf> found;
  for (const Cause& cause : causes) {
    std::vector<StaleResults> stale = FindStale(results, cause, sources);
    // The first cause of a change is the one by whose calendar points are stored.
    FoundOf& of = found.try_emplace(cause.change, FoundOf{&cause.ground, {}}).first->second;
    of.stale = MergedStale(std::move(of.stale), stale);
    effects.marks.push_back({std::move(stale), cause.kind, cause.detail});
    effects.moves.push_back(FindMove(results, cause, sources));
    const MarkMove& move = effects.mark_moves.emplace_back(FindMarkMove(results, cause, sources));
    ASSIGN_OR_RETURN(std::vector<StaleResults> unseen,
                     FindUnseenRows(transaction, project_id, results, move, sources));
    // Stale before the change, and no part of what it makes so.
    effects.marks.push_back({std::move(unseen), cause.kind, cause.detail});
  }
  RETURN_IF_ERROR(FillOutcomes(transaction, project_id, std::move(found)));
  return effects;
}

absl::Status WriteStoredEffects(pg::Transaction& transaction, int32_t project_id,
                                const StoredEffects& effects) {
  for (const PointMove& move : effects.moves) {
    RETURN_IF_ERROR(MovePoints(transaction, project_id, move));
  }
  // Before new ones are written: these have their dates by the calendars of now.
  for (const MarkMove& move : effects.mark_moves) {
    RETURN_IF_ERROR(MoveMarks(transaction, project_id, move));
  }
  std::vector<ResultMarks> marks = effects.marks;
  // Points have their new dates by now.
  ASSIGN_OR_RETURN(const std::vector<ResultMarks> of_readers,
                   FindReaderMarks(transaction, project_id, effects.served));
  marks.insert(marks.end(), of_readers.begin(), of_readers.end());
  return WriteMarks(transaction, project_id, marks);
}

}  // namespace metricstore::registry
