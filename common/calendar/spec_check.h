// Finds the faults of a calendar's definition before it is used.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "common/calendar/calendar_spec.h"

namespace metricstore::calendar {

// Seconds from the trade date's midnight by the clock on the wall, -86400 to 172800; times that
// CheckSpec refuses give the nearest of these.
inline int32_t WallSeconds(const LocalTime& time) {
  const int64_t seconds = int64_t{time.day_offset} * 86400 + time.second_of_day;
  return static_cast<int32_t>(std::clamp<int64_t>(seconds, -86400, 172800));
}

// Where trade dates are cut, open or closed, in seconds from their midnight: where sessions open on
// the evening before, at the earliest open; where they close on the day after, at the latest close;
// else at midnight.
int32_t ExtentStartSeconds(const std::vector<SessionRule>& sessions);

// Whether `name` has the form of a session's name: a lower-case letter, then letters, digits and _,
// at most 63 in all.
bool IsSessionName(std::string_view name);
// Whether ParseWindow keeps `name` for another form of window, so that no session may have it:
// full_day, first_*, last_*, rolling_*, previous, previous_*, *_to_date.
bool IsReservedName(std::string_view name);

// OK, or INVALID_ARGUMENT (DEFINITION_INVALID) with one violation for each fault of `spec`.
absl::Status CheckSpec(const CalendarSpec& spec);

}  // namespace metricstore::calendar
