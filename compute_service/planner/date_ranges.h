// Sets of dates as ranges: in order, disjoint, not touching.
#pragma once

#include <vector>

#include "common/calendar/calendar.h"
#include "common/time/iso8601.h"
#include "compute_service/engine/series/derived_series.h"
#include "compute_service/planner/shared_buckets.h"

namespace metricstore::compute {

// Adds the dates of `range`.
void Unite(DateRange range, Dates* dates);

// The instants of the dates as starts of buckets.
std::vector<StartRange> StartsWithin(const calendar::Calendar& calendar, const Dates& dates);

}  // namespace metricstore::compute
