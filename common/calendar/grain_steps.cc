#include "common/calendar/grain_steps.h"

#include <algorithm>

#include "common/calendar/buckets.h"

namespace metricstore::calendar {

absl::CivilDay StepStart(const Calendar& calendar, Grain grain, absl::CivilDay date) {
  switch (grain) {
    case Grain::kHour:
    case Grain::kDay:
      return date;
    case Grain::kWeek:
      return absl::PrevWeekday(date + 1, calendar.spec().week_start);
    case Grain::kMonth:
      return absl::CivilDay(absl::CivilMonth(date));
    case Grain::kQuarter:
      return absl::CivilDay(date.year(), (date.month() - 1) / 3 * 3 + 1, 1);
    case Grain::kYear:
      break;
  }
  return absl::CivilDay(absl::CivilYear(date));
}

absl::CivilDay NextStep(Grain grain, absl::CivilDay start) {
  switch (grain) {
    case Grain::kHour:
    case Grain::kDay:
      return start + 1;
    case Grain::kWeek:
      return start + 7;
    case Grain::kMonth:
      return absl::CivilDay(absl::CivilMonth(start) + 1);
    case Grain::kQuarter:
      return absl::CivilDay(absl::CivilMonth(start) + 3);
    case Grain::kYear:
      break;
  }
  return absl::CivilDay(absl::CivilYear(start) + 1);
}

DateRange AlignToGrain(const Calendar& calendar, Grain grain, DateRange dates) {
  if (dates.start >= dates.end) return dates;
  return {StepStart(calendar, grain, dates.start),
          NextStep(grain, StepStart(calendar, grain, dates.end - 1))};
}

DateRange KnownPart(const Calendar& calendar, DateRange dates) {
  const CalendarSpec& spec = calendar.spec();
  const DateRange part{std::max(dates.start, spec.first_date),
                       std::min(dates.end, spec.last_date + 1)};
  if (part.start < part.end) return part;
  return {spec.first_date, spec.first_date};
}

DateRange KnownSteps(const Calendar& calendar, Grain grain, DateRange dates) {
  DateRange steps = AlignToGrain(calendar, grain, KnownPart(calendar, dates));
  if (steps.start < calendar.spec().first_date) steps.start = NextStep(grain, steps.start);
  if (steps.end - 1 > calendar.spec().last_date) {
    steps.end = StepStart(calendar, grain, steps.end - 1);
  }
  if (steps.start < steps.end) return steps;
  return {steps.start, steps.start};
}

}  // namespace metricstore::calendar
