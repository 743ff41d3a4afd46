// What a new version of a calendar changes: which dates, and which buckets of a window.
#pragma once

#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "common/calendar/bar_diff.h"
#include "common/calendar/buckets.h"
#include "common/calendar/calendar.h"

namespace metricstore::calendar {

// The dates within `dates` on which sessions (by name and pieces) or extents differ, as ranges in
// order that do not touch. Dates that only one of them knows differ.
std::vector<DateRange> ChangedDates(const Calendar& before, const Calendar& after, DateRange dates);

// The dates of the buckets that only one of them has, or that differ in what they show, within the
// whole buckets around `dates`: ranges in order that do not touch. With `bars`, a bucket shows the
// bars that start in it instead of instants. A window that `after` cannot resolve any more (its
// session is gone) differs everywhere.
//
// A bucket of days or more is known by its dates: where days start alone makes none of them differ.
// An hour is known by its start, and its date is the one that it has in `after`.
std::vector<DateRange> ChangedBuckets(const Calendar& before, const Calendar& after,
                                      const Window& window, Grain grain, DateRange dates,
                                      const std::optional<BarCut>& bars = std::nullopt);

// The dates of the steps of a grain that only one of them has, or knows in whole, within the steps
// around `dates`: likewise. Weeks that start on another day are other steps.
std::vector<DateRange> ChangedSteps(const Calendar& before, const Calendar& after, Grain grain,
                                    DateRange dates);

}  // namespace metricstore::calendar
