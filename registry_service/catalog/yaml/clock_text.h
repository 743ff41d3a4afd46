// Clock readings and days of the week as definitions write them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/calendar/calendar.h"

namespace metricstore::registry {

// "09:30", "16:00:30", "24:00", with "-1d" (the evening before) or "+1d" (the day after) behind it;
// nullopt for anything else.
std::optional<calendar::LocalTime> ParseLocalTime(std::string_view text);

// The shortest text that ParseLocalTime reads back.
std::string FormatLocalTime(const calendar::LocalTime& time);

// "nearest_weekday", ...: by their numbers from 1; kNone has no name.
const std::vector<std::string>& ObservanceNames();

// "mon", "tue", ...: in the order of absl::Weekday.
const std::vector<std::string>& WeekdayNames();

}  // namespace metricstore::registry
