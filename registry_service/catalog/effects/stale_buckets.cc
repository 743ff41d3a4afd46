#include "registry_service/catalog/effects/stale_buckets.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

#include "common/calendar/buckets.h"
#include "registry_service/catalog/effects/hour_gaps.h"
#include "registry_service/catalog/sources/row_sources.h"

namespace metricstore::registry {
namespace {

// By how many days the version's points are made of points of before, at most.
int64_t DaysOfOffsets(const MetricDefinition& metric, Grain grain, SourceFinder& sources) {
  int64_t days = 0;
  if (metric.depends_on.empty() || !sources.Of(metric).why_not.empty()) return days;
  for (const RowSource& source : RowSourcesOf(metric, grain, sources).sources) {
    days = std::max(days, DaysOfOffsets(source));
  }
  return days;
}

// From the first of them to the last, and before the first what its points are made of.
DateRange DatesOfAll(const StoredResults& results, const GroundChange& ground,
                     SourceFinder& sources) {
  std::optional<DateRange> all;
  for (const auto& [key, stored] : results.versions) {
    const Grain grain = std::get<Grain>(key);
    const int64_t days = DaysOfOffsets(stored.definition, grain, sources);
    for (const DateRange& range : DatesOfResults(stored, grain, DatingCalendar(ground, grain))) {
      if (!all.has_value()) all = range;
      all = DateRange{std::min(all->start, range.start - days), std::max(all->end, range.end)};
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

VersionKey KeyOf(const StaleResults& results) {
  return {results.metric, results.version, *results.grain};
}

}  // namespace

std::vector<DateRange> DatesOfResults(const VersionResults& stored, Grain grain,
                                      const calendar::Calendar& calendar) {
  std::vector<DateRange> dates = stored.computed;
  if (stored.buckets.has_value()) {
    dates.push_back(
        {calendar.DateAt(stored.buckets->start), calendar.DateAt(stored.buckets->end) + 1});
  }
  for (DateRange& range : dates) range = calendar::AlignToGrain(calendar, grain, range);
  return Joined(std::move(dates));
}

std::vector<StaleResults> FindStale(const StoredResults& results, const Cause& cause,
                                    SourceFinder& sources) {
  const GroundChange& ground = cause.ground;
  BucketChanges changes(ground, DatesOfAll(results, ground, sources), sources);
  std::vector<StaleResults> stale;
  for (const auto& [key, stored] : results.versions) {
    const auto& [id, version, grain] = key;
    std::vector<DateRange> dates =
        Within(changes.Of(stored.definition, grain),
               DatesOfResults(stored, grain, DatingCalendar(ground, grain)), *ground.after, grain);
    if (grain == Grain::kHour) {
      const std::vector<DateRange> gaps = UncomputedHours(stored, ground, sources);
      dates.insert(dates.end(), gaps.begin(), gaps.end());
      dates = Joined(std::move(dates));
    }
    if (dates.empty()) continue;
    StaleResults& found = stale.emplace_back();
    found.metric = id;
    found.version = version;
    found.grain = grain;
    found.dates = std::move(dates);
  }
  return stale;
}

std::vector<StaleResults> MergedStale(std::vector<StaleResults> a,
                                      const std::vector<StaleResults>& b) {
  std::map<VersionKey, StaleResults> merged;
  for (StaleResults& results : a) merged.emplace(KeyOf(results), std::move(results));
  for (const StaleResults& results : b) {
    const auto [place, is_new] = merged.emplace(KeyOf(results), results);
    if (is_new) continue;
    std::vector<DateRange>& dates = place->second.dates;
    dates.insert(dates.end(), results.dates.begin(), results.dates.end());
    dates = Joined(std::move(dates));
  }
  std::vector<StaleResults> all;
  for (auto& [key, results] : merged) all.push_back(std::move(results));
  return all;
}

}  // namespace metricstore::registry
