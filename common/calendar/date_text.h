// Dates as people are told them.
#pragma once

#include <string>

#include "common/calendar/calendar.h"
#include "common/time/iso8601.h"

namespace metricstore::calendar {

// The first to the last, both included: "2024-01-16 to 2024-01-18"; one alone: "2024-01-16". An
// empty or reversed range as it is, half-open: "2024-01-16/2024-01-16".
std::string DatesText(DateRange dates);

// "calendar XNYS knows 2012-01-01 to 2027-12-31".
std::string KnownDatesText(const Calendar& calendar);

}  // namespace metricstore::calendar
