// The steps of a grain as ranges of dates.
#pragma once

#include "common/calendar/calendar.h"
#include "common/time/grain.h"
#include "common/time/iso8601.h"

namespace metricstore::calendar {

// The first date of the step that holds `date`; a step of grain hour lies in a date.
absl::CivilDay StepStart(const Calendar& calendar, Grain grain, absl::CivilDay date);
// The first date of the step after the one that starts on `start`.
absl::CivilDay NextStep(Grain grain, absl::CivilDay start);
// The part of the dates that the calendar knows; empty at its first date if there is none.
DateRange KnownPart(const Calendar& calendar, DateRange dates);
// The steps around `dates` that the calendar knows in whole; empty if there are none.
DateRange KnownSteps(const Calendar& calendar, Grain grain, DateRange dates);

}  // namespace metricstore::calendar
