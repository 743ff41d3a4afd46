// Buckets: the steps of a grain with the stretches of time that a window shows of each.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/calendar/calendar.h"
#include "common/calendar/window.h"
#include "common/time/grain.h"
#include "common/time/iso8601.h"

namespace metricstore::calendar {

// One step of a grain with the stretches of it that the window shows.
struct Bucket {
  absl::Time start;               // of the whole bucket, not of the window
  std::vector<TimeRange> slices;  // in order, disjoint, not empty
  friend bool operator==(const Bucket&, const Bucket&) = default;
};

// The buckets of a window. Slices are kept once where buckets overlap, as rolling ones do: a
// window of 2,000 sessions over ten years takes no more memory than one of a session.
struct WindowBuckets {
  // Shows slices [first_slice, end_slice), the first and the last of them cut to `shown`.
  struct Span {
    absl::Time start;  // of the whole bucket
    TimeRange shown;   // from the first instant shown to the end of the last
    uint32_t first_slice;
    uint32_t end_slice;
  };
  std::vector<TimeRange> slices;  // what the base shows of all dates: in order, disjoint
  std::vector<Span> spans;        // in order of their starts
  // Whether the window is rolling or to date, so that buckets may share slices.
  bool reaches = false;

  Bucket BucketAt(size_t i) const;
  std::vector<Bucket> ToBuckets() const;
  // For buckets that someone else made: in order.
  static WindowBuckets From(const std::vector<Bucket>& buckets);
};

// The buckets of a grain whose dates lie in `dates`, in order; those of whose own dates the base
// shows nothing are left out. INVALID_ARGUMENT: FIELD_INVALID "dates" if the calendar does not know
// a date, if coarse grains are not aligned (see AlignToGrain) or if the range is reversed;
// DEFINITION_INVALID as CheckWindow for `grain`.
//
// A window that reaches back before the calendar's first date shows what there is from then on;
// buckets that show nothing then are left out too. Rolling and to date windows end where the base
// ends in the bucket. From there rolling sessions count trade dates on which the base shows
// something, days count dates, open or closed, and hours are elapsed time. To date windows start
// with the period that holds the last date of the bucket on which the base shows something: a week
// that ends in May with its last session is May's, though its Sunday is in June.
// An hour bucket ends at the next whole hour of the local clock, or where the clock is set to
// another time: the repeated hour of a 25-hour day is two buckets. Slices that touch are merged, so
// a month of full days is one slice; buckets that share a slice show their own part of it.
absl::StatusOr<WindowBuckets> ResolveBuckets(const Calendar& calendar, const Window& window,
                                             Grain grain, DateRange dates);

// What the window's base shows of one trade date, in order; none if it is closed then. Bases
// without a session (kFullDay, most of kRange) show closed days too. A range shows what the local
// clock shows between its ends within the trade date: on a date that starts on the evening before,
// 19:00 is that evening's.
std::vector<TimeRange> ResolveBase(const Calendar& calendar, const Window& window,
                                   absl::CivilDay date);

// Widens dates to whole buckets of the grain (hour and day: unchanged); weeks start on the
// calendar's week_start.
DateRange AlignToGrain(const Calendar& calendar, Grain grain, DateRange dates);

// The dates, in whole buckets, whose buckets may show rows of `dates`: for kBucket the aligned
// dates themselves; rolling and to date windows reach further, previous ones show them in later
// buckets alone. Buckets that the calendar does not know in whole are left out, so ResolveBuckets
// accepts the dates; empty if none is left.
DateRange DatesThatShow(const Calendar& calendar, const Window& window, Grain grain,
                        DateRange dates);

// From where bars of a timeframe are counted.
enum class BarAlignment {
  kClock = 1,   // local midnight: 1h bars start on the hour
  kSession = 2  // the open of the base's session on the trade date: 1h bars of rth start at 09:30
};

// Cuts slices of the window's base into bars of `timeframe`, in order: each bar is one bucket of
// one slice, and starts where its part of the slice does. Bars do not cross breaks, closes, trade
// dates or, for kClock, instants at which the local clock is set to another time. `timeframe` is
// whole seconds, for kClock such that they divide a day. kSession needs a base with a session.
// Slices as ResolveBuckets gives them (merged or not).
std::vector<Bucket> CutIntoBars(const Calendar& calendar, const Window& window,
                                absl::Duration timeframe, BarAlignment alignment,
                                const std::vector<TimeRange>& slices);

}  // namespace metricstore::calendar
