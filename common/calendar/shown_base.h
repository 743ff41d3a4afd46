// What the base of a window shows of a range of dates.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/functional/function_ref.h"
#include "common/calendar/calendar.h"
#include "common/calendar/window.h"

namespace metricstore::calendar {

struct ShownBase {
  // A date of which something is shown, from the first instant to the end of the last.
  struct Date {
    absl::CivilDay date;
    TimeRange shown;
  };
  std::vector<Date> dates;
  std::vector<TimeRange> slices;  // in order, disjoint; those that touch are merged
};

// Of the dates that the calendar knows, which all of `dates` are.
ShownBase ShowBase(const Calendar& calendar, const Window& window, DateRange dates);

// One step of a grain of whose own dates the base shows something.
struct OwnBucket {
  absl::Time start;     // of the whole bucket
  TimeRange shown;      // from the first instant shown to the end of the last
  uint32_t last_shown;  // the last of ShownBase::dates in it
};

// In order, one at a time: the hours of ten years would take megabytes.
void VisitOwnBuckets(const Calendar& calendar, Grain grain, const ShownBase& base,
                     absl::FunctionRef<void(const OwnBucket&)> visit);
// How many to reserve room for: hardly ever fewer than there are.
size_t MostOwnBuckets(Grain grain, const ShownBase& base);

}  // namespace metricstore::calendar
