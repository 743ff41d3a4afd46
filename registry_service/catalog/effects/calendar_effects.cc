#include "registry_service/catalog/effects/calendar_effects.h"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/calendar/buckets.h"
#include "common/status/macros.h"
#include "registry_service/catalog/diff/metric_diff.h"
#include "registry_service/catalog/effects/bucket_changes.h"
#include "registry_service/catalog/effects/effect_statements.h"
#include "registry_service/catalog/effects/stored_results.h"

namespace metricstore::registry {
namespace {

using CalendarPtr = std::shared_ptr<const calendar::Calendar>;

// A change of the import that changes calendars under datasets.
struct Cause {
  ImportChange* change = nullptr;
  CalendarChange calendars;
};

// Calendars as the import leaves them.
class CalendarsAfter {
 public:
  CalendarsAfter(const Definitions& definitions, const StoredDefinitions& stored,
                 const ImportChanges& changes)
      : stored_(stored) {
    for (const ImportChange& change : changes.calendars) {
      if (change.outcome.action == ImportAction::kUnchanged) continue;
      const calendar::CalendarSpec& spec = definitions.calendars[change.index].definition;
      changed_[spec.name] = {&spec, change.outcome.version};
    }
  }

  // nullptr for a dataset without a calendar.
  absl::StatusOr<CalendarPtr> Find(const std::string& name) {
    if (const auto changed = changed_.find(name); changed != changed_.end()) {
      const auto& [spec, version] = changed->second;
      return calendar::Calendar::Create(*spec, version);
    }
    const auto found = stored_.calendars.find(name);
    return found == stored_.calendars.end() ? CalendarPtr() : found->second.calendar;
  }

 private:
  const StoredDefinitions& stored_;
  std::map<std::string, std::pair<const calendar::CalendarSpec*, int>> changed_;
};

// The calendar that the dataset has after the import, where the import moves it from another one.
std::map<std::string, ImportChange*> MovedDatasets(const Definitions& definitions,
                                                   const StoredDefinitions& stored,
                                                   ImportChanges& changes) {
  std::map<std::string, ImportChange*> moved;
  for (ImportChange& change : changes.datasets) {
    const auto before = stored.datasets.find(change.outcome.name);
    if (before == stored.datasets.end()) continue;
    const Dataset& after = definitions.datasets[change.index].definition;
    if (after.calendar != before->second.calendar) moved[after.name] = &change;
  }
  return moved;
}

absl::StatusOr<std::vector<Cause>> FindCauses(const Definitions& definitions,
                                              const StoredDefinitions& stored,
                                              ImportChanges& changes) {
  CalendarsAfter after(definitions, stored, changes);
  const auto moved = MovedDatasets(definitions, stored, changes);
  std::vector<Cause> causes;
  const auto add = [&](ImportChange& change, const std::string& from, const std::string& to,
                       std::set<std::string> datasets) -> absl::Status {
    const auto before = stored.calendars.find(from);
    ASSIGN_OR_RETURN(CalendarPtr calendar, after.Find(to));
    if (before == stored.calendars.end() || calendar == nullptr || datasets.empty()) {
      return absl::OkStatus();
    }
    causes.push_back(
        {&change, {before->second.calendar, std::move(calendar), std::move(datasets)}});
    return absl::OkStatus();
  };
  for (ImportChange& change : changes.calendars) {
    if (!ChangesMeaning(change.changes)) continue;
    std::set<std::string> datasets;
    for (const auto& [name, dataset] : stored.datasets) {
      if (dataset.calendar == change.outcome.name && !moved.contains(name)) datasets.insert(name);
    }
    RETURN_IF_ERROR(add(change, change.outcome.name, change.outcome.name, std::move(datasets)));
  }
  for (const auto& [name, change] : moved) {
    const Dataset& dataset = definitions.datasets[change->index].definition;
    RETURN_IF_ERROR(
        add(*change, stored.datasets.at(name).calendar, dataset.calendar, {dataset.name}));
  }
  return causes;
}

DateRange Hull(const DateRange& a, const DateRange& b) {
  return {std::min(a.start, b.start), std::max(a.end, b.end)};
}

// The dates from the oldest bucket to the end of the newest, and those that backfills compute:
// dates that gave no point are results too. Whole buckets, in order.
std::vector<DateRange> DatesOf(const StoredVersion& stored, Grain grain,
                               const calendar::Calendar& calendar) {
  std::vector<DateRange> dates = stored.computed;
  if (stored.buckets.has_value()) {
    dates.push_back(
        {calendar.DateAt(stored.buckets->start), calendar.DateAt(stored.buckets->end) + 1});
  }
  for (DateRange& range : dates) range = calendar::AlignToGrain(calendar, grain, range);
  return Joined(std::move(dates));
}

// From the first of them to the last.
DateRange DatesOfAll(const StoredResults& results, const calendar::Calendar& calendar) {
  std::optional<DateRange> all;
  for (const auto& [key, stored] : results.versions) {
    for (const DateRange& range : DatesOf(stored, std::get<Grain>(key), calendar)) {
      all = all.has_value() ? Hull(*all, range) : range;
    }
  }
  return all.value_or(DateRange());
}

// Those that have a date in common with any of `dates`. They are whole buckets, and stay so.
std::vector<DateRange> Within(const std::vector<DateRange>& ranges,
                              const std::vector<DateRange>& dates,
                              const calendar::Calendar& calendar, Grain grain) {
  std::vector<DateRange> within;
  auto next = dates.begin();
  for (const DateRange& range : ranges) {
    while (next != dates.end() && next->end <= range.start) ++next;
    for (auto met = next; met != dates.end() && met->start < range.end; ++met) {
      within.push_back(calendar::AlignToGrain(
          calendar, grain, {std::max(range.start, met->start), std::min(range.end, met->end)}));
    }
  }
  return Joined(std::move(within));
}

std::vector<StaleResults> FindStale(const StoredResults& results, const Cause& cause) {
  const calendar::Calendar& before = *cause.calendars.before;
  BucketChanges changes(cause.calendars, DatesOfAll(results, before), [&](const std::string& id) {
    const auto found = results.served.find(id);
    return found == results.served.end() ? nullptr : &found->second;
  });
  std::vector<StaleResults> stale;
  for (const auto& [key, stored] : results.versions) {
    const auto& [id, version, grain] = key;
    std::vector<DateRange> dates =
        Within(changes.Of(stored.definition, grain), DatesOf(stored, grain, before),
               *cause.calendars.after, grain);
    if (dates.empty()) continue;
    StaleResults& found = stale.emplace_back();
    found.metric = id;
    found.version = version;
    found.grain = grain;
    found.dates = std::move(dates);
  }
  return stale;
}

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
                         const calendar::Calendar& before, std::vector<StaleResults>& stale) {
  if (stale.empty()) return absl::OkStatus();
  std::map<VersionKey, StaleResults*> places;
  std::vector<std::string> metrics, instants;
  std::vector<int32_t> versions, grains;
  for (StaleResults& results : stale) {
    places[VersionKey(results.metric, results.version, *results.grain)] = &results;
    metrics.push_back(results.metric);
    versions.push_back(results.version);
    grains.push_back(static_cast<int32_t>(*results.grain));
    instants.push_back(InstantsOf(results.dates, before));
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

// Rows of dirty_ranges that go to the database in one statement.
class Marks {
 public:
  void Add(const std::vector<StaleResults>& stale, const std::string& detail) {
    for (const StaleResults& results : stale) {
      for (const DateRange& range : results.dates) {
        metrics_.push_back(results.metric);
        versions_.push_back(results.version);
        grains_.push_back(static_cast<int32_t>(*results.grain));
        starts_.push_back(range.start);
        ends_.push_back(range.end);
        details_.push_back(detail);
      }
    }
  }

  absl::Status Write(pg::Transaction& transaction, int32_t project_id) const {
    if (metrics_.empty()) return absl::OkStatus();
    pg::Params params;
    params.Add(project_id).AddArray(metrics_).AddArray(versions_).AddArray(grains_);
    params.AddArray(starts_).AddArray(ends_).AddArray(details_);
    return transaction.Execute(kInsertDirtyRanges, params).status();
  }

 private:
  std::vector<std::string> metrics_, details_;
  std::vector<int32_t> versions_, grains_;
  std::vector<absl::CivilDay> starts_, ends_;
};

}  // namespace

absl::Status FindCalendarEffects(pg::Transaction& transaction, int32_t project_id,
                                 const Definitions& definitions, const StoredDefinitions& stored,
                                 ImportChanges& changes) {
  ASSIGN_OR_RETURN(const std::vector<Cause> causes, FindCauses(definitions, stored, changes));
  std::set<std::string> datasets;
  for (const Cause& cause : causes) {
    datasets.insert(cause.calendars.datasets.begin(), cause.calendars.datasets.end());
  }
  if (datasets.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const StoredResults results,
                   LoadStoredResults(transaction, project_id, datasets));
  if (results.versions.empty()) return absl::OkStatus();
  for (const Cause& cause : causes) {
    std::vector<StaleResults> stale = FindStale(results, cause);
    RETURN_IF_ERROR(CountPoints(transaction, project_id, *cause.calendars.before, stale));
    cause.change->outcome.stale = std::move(stale);
  }
  return absl::OkStatus();
}

absl::Status MarkCalendarEffects(pg::Transaction& transaction, int32_t project_id,
                                 const Definitions& definitions, const StoredDefinitions& stored,
                                 const ImportChanges& changes) {
  std::map<std::string, int> versions;
  for (const auto& [name, calendar] : stored.calendars) {
    versions[name] = calendar.calendar->version();
  }
  for (const ImportChange& change : changes.calendars) {
    versions[change.outcome.name] = change.outcome.version;
  }
  // "XNYS version 3": the calendar that the results are to be computed with.
  const auto detail = [&](const std::string& calendar) {
    return absl::StrCat(calendar, " version ", versions[calendar]);
  };
  Marks marks;
  for (const ImportChange& change : changes.calendars) {
    marks.Add(change.outcome.stale, detail(change.outcome.name));
  }
  for (const ImportChange& change : changes.datasets) {
    if (change.outcome.stale.empty()) continue;
    marks.Add(change.outcome.stale, detail(definitions.datasets[change.index].definition.calendar));
  }
  return marks.Write(transaction, project_id);
}

}  // namespace metricstore::registry
