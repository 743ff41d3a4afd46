// Finds the faults of a calendar's definition before it is used.
#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "common/calendar/calendar.h"

namespace metricstore::calendar {

// Seconds from the trade date's midnight by the clock on the wall, -86400 to 172800.
inline int32_t WallSeconds(const LocalTime& time) {
  return time.day_offset * 86400 + time.second_of_day;
}

// Whether `name` may name a session: a lower-case letter, then letters, digits and _.
bool IsSessionName(std::string_view name);

// OK, or INVALID_ARGUMENT (DEFINITION_INVALID) with one violation for each fault of `spec`.
absl::Status CheckSpec(const CalendarSpec& spec);

}  // namespace metricstore::calendar
