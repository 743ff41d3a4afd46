// Windows and buckets: which stretches of time a metric sees for each step of its grain.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/calendar/calendar.h"
#include "common/time/grain.h"
#include "common/time/iso8601.h"

namespace metricstore::calendar {

// Values equal those of the proto enum metricstore.registry.v1.Window.Kind.
enum class WindowKind { kFullDay = 1, kSession = 2, kFirst = 3, kLast = 4, kRange = 5 };

// Which rows of a bucket a metric sees; see proto metricstore.registry.v1.Window.
struct Window {
  WindowKind kind = WindowKind::kFullDay;
  std::string session;      // kSession, kFirst, kLast; optional for kRange
  absl::Duration length;    // kFirst, kLast
  int32_t from_second = 0;  // kRange
  int32_t to_second = 0;    // kRange, exclusive
  friend bool operator==(const Window&, const Window&) = default;
};

// Names that stand for windows: "full_day", "first_30m", "last_1h" (of "rth"), "pre", or any
// session's name. INVALID_ARGUMENT (FIELD_INVALID "window") for any other text.
absl::StatusOr<Window> ParseWindowName(std::string_view name);
// The shortest text for it: a name where one exists, else "first_30m of globex", "09:30-10:00",
// "09:30-10:00 of rth".
std::string WindowText(const Window& window);

// INVALID_ARGUMENT (DEFINITION_INVALID) if the window names a session that the calendar has not, or
// makes no sense.
absl::Status CheckWindow(const Window& window, const Calendar& calendar);

// One step of a grain with the stretches of it that the window shows.
struct Bucket {
  absl::Time start;               // of the whole bucket, not of the window
  std::vector<TimeRange> slices;  // in order, disjoint, not empty
  friend bool operator==(const Bucket&, const Bucket&) = default;
};

// The buckets of a grain whose dates lie in `dates`, in order; those in which the window shows
// nothing are left out. INVALID_ARGUMENT (FIELD_INVALID "dates") if the calendar does not know a
// date, if coarse grains are not aligned (see AlignToGrain) or if the range is reversed.
//
// An hour bucket ends at the next whole hour of the local clock, or where the clock is set to
// another time: the repeated hour of a 25-hour day is two buckets. Slices of one bucket that touch
// are merged, so a month of full days is one slice.
absl::StatusOr<std::vector<Bucket>> ResolveBuckets(const Calendar& calendar, const Window& window,
                                                   Grain grain, DateRange dates);

// The window's stretches on one trade date, in order; none if it is closed then. Windows without a
// session (kFullDay, most of kRange) show closed days too. A range shows what the local clock shows
// between its ends within the trade date: on a date that starts on the evening before, 19:00 is
// that evening's.
std::vector<TimeRange> ResolveWindow(const Calendar& calendar, const Window& window,
                                     absl::CivilDay date);

// Widens dates to whole buckets of the grain (hour and day: unchanged).
DateRange AlignToGrain(Grain grain, DateRange dates);

// The instants that cover all extents of `dates`.
TimeRange ExtentOf(const Calendar& calendar, DateRange dates);

}  // namespace metricstore::calendar
