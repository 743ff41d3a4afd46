// What a new version of a calendar changes: which dates, and which buckets of a window.
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "common/calendar/buckets.h"
#include "common/calendar/calendar.h"

namespace metricstore::calendar {

// The dates within `dates` on which sessions (by name and pieces) or extents differ, as ranges in
// order that do not touch. Dates that only one of them knows differ.
std::vector<DateRange> ChangedDates(const Calendar& before, const Calendar& after, DateRange dates);

// The dates of the buckets that differ in start or in what they show, within the whole buckets
// around `dates`: ranges in order that do not touch. A window that `after` cannot resolve any more
// (its session is gone) differs everywhere.
std::vector<DateRange> ChangedBuckets(const Calendar& before, const Calendar& after,
                                      const Window& window, Grain grain, DateRange dates);

}  // namespace metricstore::calendar
