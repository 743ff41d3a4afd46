// Clock readings as definitions write them.
#pragma once

#include <optional>
#include <string_view>

#include "common/calendar/calendar.h"

namespace metricstore::registry {

// "09:30", "16:00:30", "24:00", with "-1d" (the evening before) or "+1d" (the day after) behind it;
// nullopt for anything else.
std::optional<calendar::LocalTime> ParseLocalTime(std::string_view text);

}  // namespace metricstore::registry
