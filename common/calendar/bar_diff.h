// Where two calendars cut different bars out of what a window's base shows.
#pragma once

#include <vector>

#include "absl/time/time.h"
#include "common/calendar/buckets.h"
#include "common/calendar/calendar.h"
#include "common/time/grain.h"
#include "common/time/iso8601.h"

namespace metricstore::calendar {

// How rows are made into bars before a window sees them.
struct BarCut {
  absl::Duration timeframe;
  BarAlignment alignment = BarAlignment::kClock;
};

// The bars of a window's base on some dates, cut when they are asked for. Keeps a reference to the
// calendar.
class BaseBars {
 public:
  // Of dates that the calendar knows; the window must fit the calendar. Bars of grain hour end with
  // their hour.
  BaseBars(const Calendar& calendar, Window window, const BarCut& cut, Grain grain,
           DateRange dates);

  // The start of the first bar that starts at the instant or later; InfiniteFuture without one.
  absl::Time FirstFrom(absl::Time instant) const;

  // What bars cover that one of the two has and the other has not, in order. Both are of one cut.
  static std::vector<TimeRange> Difference(const BaseBars& a, const BaseBars& b);

 private:
  class Stream;

  // Whether both cut the same bars out of a piece that both have.
  static bool CutAlike(const BaseBars& a, const BaseBars& b, const TimeRange& piece);
  std::vector<Bucket> Cut(const TimeRange& piece) const;
  // From where bars of the piece are counted, for BarAlignment::kSession.
  absl::Time Origin(const TimeRange& piece) const;

  const Calendar& calendar_;
  const Window base_;
  const BarCut cut_;
  std::vector<TimeRange> pieces_;  // of a date (an hour) each, in order, disjoint
};

}  // namespace metricstore::calendar
