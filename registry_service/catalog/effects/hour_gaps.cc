#include "registry_service/catalog/effects/hour_gaps.h"

#include <algorithm>

#include "common/calendar/buckets.h"
#include "common/calendar/grain_steps.h"

namespace metricstore::registry {
namespace {

using calendar::Calendar;

// Whether an hour starts in the gap, of the dates that the calendar knows.
bool ShowsHours(const Calendar& calendar, const calendar::Window& window, const HourGap& gap,
                DateRange known) {
  const auto buckets = calendar::ResolveBuckets(calendar, window, Grain::kHour, known);
  if (!buckets.ok()) return true;
  return std::any_of(buckets->spans.begin(), buckets->spans.end(), [&](const auto& span) {
    return gap.instants.start <= span.start && span.start < gap.instants.end;
  });
}

}  // namespace

DateRange RedatedHours(const Calendar& before, const Calendar& after, DateRange dates) {
  const TimeRange instants = before.ExtentOf(dates);
  if (instants.start >= instants.end) return {dates.start, dates.start};
  return {after.DateAt(instants.start), after.DateAt(instants.end - absl::Microseconds(1)) + 1};
}

std::vector<HourGap> HourGapsOf(const Calendar& before, const Calendar& after,
                                const std::vector<DateRange>& stretches) {
  std::vector<HourGap> gaps;
  for (const DateRange& dates : stretches) {
    const TimeRange had = before.ExtentOf(dates);
    const TimeRange has = after.ExtentOf(dates);
    if (has.start < had.start) {
      const absl::Time end = std::min(had.start, has.end);
      gaps.push_back(
          {{dates.start, after.DateAt(end - absl::Microseconds(1)) + 1}, {has.start, end}});
    }
    if (had.end < has.end) {
      const absl::Time start = std::max(had.end, has.start);
      gaps.push_back({{after.DateAt(start), dates.end}, {start, has.end}});
    }
  }
  return gaps;
}

std::vector<DateRange> UncomputedHours(const VersionResults& stored, const GroundChange& ground,
                                       SourceFinder& sources) {
  const auto& [before, after, datasets] = ground;
  const MetricSources& of = sources.Of(stored.definition);
  if (before == after || !datasets.contains(of.home)) return {};
  std::vector<DateRange> dates;
  for (const HourGap& gap : HourGapsOf(*before, *after, stored.computed)) {
    const DateRange known = calendar::KnownPart(*after, gap.dates);
    if (known.start >= known.end) continue;
    // What it reads may show hours that its own window does not.
    if (of.calls.empty() && !ShowsHours(*after, stored.definition.window, gap, known)) continue;
    dates.push_back(known);
  }
  return Joined(std::move(dates));
}

}  // namespace metricstore::registry
