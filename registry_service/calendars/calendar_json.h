// Calendars as the canonical JSON in which they are stored and compared.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/calendar/calendar.h"

namespace metricstore::registry {

// One text for all spellings of the same calendar. Key "time_zone" is read by SQL views.
std::string CalendarToJson(const calendar::CalendarSpec& spec);

// INTERNAL for a text that no release wrote.
absl::StatusOr<calendar::CalendarSpec> CalendarFromJson(std::string_view json);

}  // namespace metricstore::registry
