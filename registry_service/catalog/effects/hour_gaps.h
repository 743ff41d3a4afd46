// Hours keep their instants when dates come to start at other ones: on which dates they lie then,
// and which hours of dates that count as computed never were. Pure functions.
#pragma once

#include <vector>

#include "common/calendar/calendar.h"
#include "common/time/iso8601.h"
#include "registry_service/catalog/effects/bucket_changes.h"
#include "registry_service/catalog/effects/stored_results.h"

namespace metricstore::registry {

// The dates of `after` that have an instant in common with these of `before`.
DateRange RedatedHours(const calendar::Calendar& before, const calendar::Calendar& after,
                       DateRange dates);

// Instants of dates that those of before did not have.
struct HourGap {
  DateRange dates;  // that have them now
  TimeRange instants;
  friend bool operator==(const HourGap&, const HourGap&) = default;
};

// At the start and at the end of each stretch: what lies between is the next date's.
std::vector<HourGap> HourGapsOf(const calendar::Calendar& before, const calendar::Calendar& after,
                                const std::vector<DateRange>& stretches);

// Backfills are known by the dates that they computed, which readers take by the newest calendar.
// Of these dates, where the ground is the version's own, those with hours that no backfill of
// before computed and that the version may show: in order, as far as the calendar of after knows
// them.
std::vector<DateRange> UncomputedHours(const VersionResults& stored, const GroundChange& ground,
                                       SourceFinder& sources);

}  // namespace metricstore::registry
