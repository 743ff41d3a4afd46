// Sets of dates as ranges. Pure functions.
#pragma once

#include <vector>

#include "common/time/iso8601.h"

namespace metricstore::registry {

// In order, none empty, none touching the next.
using DateRanges = std::vector<DateRange>;

// The dates of any ranges.
DateRanges Merged(std::vector<DateRange> ranges);
// Those of `dates` that are not in `others`.
DateRanges Without(const DateRanges& dates, const DateRanges& others);
// What both have; empty (start == end) if they share no date.
DateRange Shared(const DateRange& a, const DateRange& b);
// Those of `dates` inside `bounds`.
DateRanges Within(const DateRanges& dates, const DateRange& bounds);

}  // namespace metricstore::registry
