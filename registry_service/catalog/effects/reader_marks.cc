#include "registry_service/catalog/effects/reader_marks.h"

#include <map>
#include <memory>
#include <set>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/macros.h"
#include "registry_service/calendars/calendar_rows.h"
#include "registry_service/catalog/effects/stale_buckets.h"
#include "registry_service/catalog/effects/stored_results.h"
#include "registry_service/catalog/sources/metric_sources.h"
#include "registry_service/datasets/dataset_rows.h"

namespace metricstore::registry {
namespace {

using CalendarPtr = std::shared_ptr<const calendar::Calendar>;

// More names would make no better text.
constexpr size_t kMostNamed = 3;

// Which of the changed metrics are read by whom.
class ChangedUpstream {
 public:
  // Neither is kept.
  ChangedUpstream(const StoredResults& results, const std::vector<ServedChange>& changes) {
    std::map<std::string, std::vector<std::string>> readers;
    for (const auto& [id, metric] : results.served) {
      for (const std::string& read : metric.depends_on) readers[read].push_back(id);
    }
    for (const ServedChange& change : changes) {
      texts_[change.metric] = absl::StrCat(change.metric, " version ", change.version);
      Follow(change.metric, readers);
    }
  }

  // "a/x version 2, a/y version 3": those that the definition reads, directly or through others; ""
  // if it reads none.
  std::string TextOf(const MetricDefinition& metric) const {
    std::set<std::string> read;
    for (const std::string& id : metric.depends_on) {
      if (const auto found = of_served_.find(id); found != of_served_.end()) {
        read.insert(found->second.begin(), found->second.end());
      }
    }
    std::vector<std::string> texts;
    for (const std::string& id : read) {
      if (texts.size() == kMostNamed) break;
      texts.push_back(texts_.at(id));
    }
    std::string text = absl::StrJoin(texts, ", ");
    if (read.size() > kMostNamed) {
      absl::StrAppend(&text, " and ", read.size() - kMostNamed, " more");
    }
    return text;
  }

 private:
  void Follow(const std::string& changed,
              const std::map<std::string, std::vector<std::string>>& readers) {
    std::vector<std::string> waiting = {changed};
    while (!waiting.empty()) {
      const std::string id = std::move(waiting.back());
      waiting.pop_back();
      if (!of_served_[id].insert(changed).second) continue;
      const auto found = readers.find(id);
      if (found == readers.end()) continue;
      waiting.insert(waiting.end(), found->second.begin(), found->second.end());
    }
  }

  std::map<std::string, std::string> texts_;  // by changed metric
  // By metric, as it is served: the changed ones that it is or reads.
  std::map<std::string, std::set<std::string>> of_served_;
};

// The calendars of datasets, by the dataset's name.
absl::StatusOr<std::map<std::string, CalendarPtr>> LoadCalendarsOf(
    pg::Transaction& transaction, int32_t project_id, const std::set<std::string>& datasets) {
  const std::vector<std::string> names(datasets.begin(), datasets.end());
  ASSIGN_OR_RETURN(const std::vector<Dataset> loaded, LoadDatasets(transaction, project_id, names));
  std::set<std::string> followed;
  for (const Dataset& dataset : loaded) {
    if (!dataset.calendar.empty()) followed.insert(dataset.calendar);
  }
  const std::vector<std::string> calendar_names(followed.begin(), followed.end());
  ASSIGN_OR_RETURN(const std::vector<StoredCalendar> calendars,
                   LoadNewestCalendars(transaction, project_id, calendar_names));
  std::map<std::string, CalendarPtr> by_name;
  for (const StoredCalendar& stored : calendars) {
    by_name[stored.calendar->spec().name] = stored.calendar;
  }
  std::map<std::string, CalendarPtr> by_dataset;
  for (const Dataset& dataset : loaded) {
    if (const auto found = by_name.find(dataset.calendar); found != by_name.end()) {
      by_dataset[dataset.name] = found->second;
    }
  }
  return by_dataset;
}

// A version with results, and why they are stale.
struct StaleVersion {
  const VersionKey* key;
  const VersionResults* results;
  std::string home;  // see MetricSources
  std::string upstream;
};

std::vector<StaleVersion> StaleVersionsOf(const StoredResults& results,
                                          const std::vector<ServedChange>& changes) {
  const ChangedUpstream upstream(results, changes);
  SourceFinder sources([&](const std::string& id) { return results.Served(id); },
                       [](const std::string&) { return nullptr; });
  std::vector<StaleVersion> stale;
  for (const auto& [key, stored] : results.versions) {
    std::string text = upstream.TextOf(stored.definition);
    if (text.empty()) continue;
    stale.push_back({&key, &stored, sources.Of(stored.definition).home, std::move(text)});
  }
  return stale;
}

}  // namespace

absl::StatusOr<std::vector<ResultMarks>> FindReaderMarks(pg::Transaction& transaction,
                                                         int32_t project_id,
                                                         const std::vector<ServedChange>& changes) {
  std::vector<ResultMarks> marks;
  if (changes.empty()) return marks;
  ASSIGN_OR_RETURN(const StoredResults results, LoadStoredResults(transaction, project_id, {}));
  const std::vector<StaleVersion> stale = StaleVersionsOf(results, changes);
  if (stale.empty()) return marks;
  std::set<std::string> homes;
  for (const StaleVersion& version : stale) homes.insert(version.home);
  ASSIGN_OR_RETURN(const auto calendars, LoadCalendarsOf(transaction, project_id, homes));
  std::map<std::string, ResultMarks> by_upstream;
  for (const StaleVersion& version : stale) {
    const auto calendar = calendars.find(version.home);
    // What no longer has a calendar has no dates that could be computed again.
    if (calendar == calendars.end()) continue;
    StaleResults found;
    Grain grain = Grain::kDay;
    std::tie(found.metric, found.version, grain) = *version.key;
    found.grain = grain;
    found.dates = DatesOfResults(*version.results, grain, *calendar->second);
    ResultMarks& of = by_upstream[version.upstream];
    of.cause = "upstream";
    of.detail = version.upstream;
    of.stale.push_back(std::move(found));
  }
  for (auto& [upstream, of] : by_upstream) marks.push_back(std::move(of));
  return marks;
}

}  // namespace metricstore::registry
