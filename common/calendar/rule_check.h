// Finds the faults of the parts of a calendar's definition: dates, hours, breaks.
#pragma once

#include <string>

#include "common/calendar/calendar_spec.h"
#include "common/calendar/spec_faults.h"

namespace metricstore::calendar {

void CheckLocalTime(const LocalTime& time, const std::string& field, SpecFaults& faults);
void CheckDateRule(const DateRule& on, const std::string& field, SpecFaults& faults);
// Open, close and breaks of the session that `field` names.
void CheckSessionHours(const LocalTime& open, const LocalTime& close,
                       const std::vector<BreakRule>& breaks, const std::string& field,
                       SpecFaults& faults);
// Years 1900 to 2200, as everywhere.
bool IsSupportedYear(absl::CivilDay date);

}  // namespace metricstore::calendar
