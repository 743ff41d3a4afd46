#include "common/calendar/reach.h"

#include <algorithm>

#include "common/calendar/buckets.h"
#include "common/calendar/grain_steps.h"

namespace metricstore::calendar {
namespace {

// Counts what the base shows, date by date: sessions, or buckets of a grain.
class ShownCounter {
 public:
  ShownCounter(const Calendar& calendar, const Window& window, Grain grain)
      : calendar_(calendar), window_(window), grain_(grain) {}

  // How many buckets with something shown `date` adds to those counted so far. A bucket of many
  // dates counts with the first of them that shows something.
  int64_t Add(absl::CivilDay date) {
    if (grain_ == Grain::kHour) {
      int64_t hours = 0;
      const ShownBase base = ShowBase(calendar_, window_, {date, date + 1});
      VisitOwnBuckets(calendar_, grain_, base, [&hours](const OwnBucket&) { ++hours; });
      return hours;
    }
    if (ResolveBase(calendar_, window_, date).empty()) return 0;
    const absl::CivilDay step = StepStart(calendar_, grain_, date);
    if (step == last_step_) return 0;
    last_step_ = step;
    return 1;
  }

 private:
  const Calendar& calendar_;
  const Window& window_;
  const Grain grain_;
  absl::CivilDay last_step_ = absl::CivilDay::min();
};

// Goes back from `start` until `count` are passed; the first date of the last one.
absl::CivilDay CountBack(const Calendar& calendar, const Window& window, Grain grain,
                         absl::CivilDay start, int64_t count) {
  const absl::CivilDay first = calendar.spec().first_date;
  ShownCounter counter(calendar, window, grain);
  while (count > 0 && start > first) count -= counter.Add(--start);
  return StepStart(calendar, grain, start);
}

// Goes on from `end` until `count` are passed; the end of the last one, or of the calendar where it
// ends before.
absl::CivilDay CountOn(const Calendar& calendar, const Window& window, Grain grain,
                       absl::CivilDay end, int64_t count) {
  const absl::CivilDay last = calendar.spec().last_date;
  ShownCounter counter(calendar, window, grain);
  for (; count > 0 && end <= last; ++end) count -= counter.Add(end);
  return end;
}

// The first date of the bucket that comes `count` after the first from `start` on; the calendar's
// end if it knows none.
absl::CivilDay FirstAfter(const Calendar& calendar, const Window& window, Grain grain,
                          absl::CivilDay start, int64_t count) {
  const absl::CivilDay end = calendar.spec().last_date + 1;
  ShownCounter counter(calendar, window, grain);
  for (absl::CivilDay date = start; date < end; ++date) {
    count -= counter.Add(date);
    if (count < 0) return StepStart(calendar, grain, date);
  }
  return end;
}

absl::CivilDay RollingFirst(const Calendar& calendar, const Window& window, absl::CivilDay start) {
  switch (window.unit) {
    case RollingUnit::kSessions:
      return CountBack(calendar, window, Grain::kDay, start, window.count - 1);
    case RollingUnit::kDays:
      return start - (window.count - 1);
    case RollingUnit::kHours:
      break;
  }
  return calendar.DateAt(calendar.ExtentOf(start).start - absl::Hours(window.count));
}

// The end of the dates in whose buckets rows of the date before `end` may be shown.
absl::CivilDay RollingEnd(const Calendar& calendar, const Window& window, absl::CivilDay end) {
  switch (window.unit) {
    case RollingUnit::kSessions:
      return CountOn(calendar, window, Grain::kDay, end, window.count - 1);
    case RollingUnit::kDays:
      return end + (window.count - 1);
    case RollingUnit::kHours:
      break;
  }
  const absl::Time last_end = calendar.ExtentOf(end).start + absl::Hours(window.count);
  return calendar.DateAt(last_end - absl::Seconds(1)) + 1;
}

// The date after the last of which the base shows something: nobody shows what comes after it.
std::optional<absl::CivilDay> EndOfShown(const Calendar& calendar, const Window& window,
                                         DateRange dates) {
  for (absl::CivilDay end = dates.end; end > dates.start; --end) {
    if (!ResolveBase(calendar, window, end - 1).empty()) return end;
  }
  return std::nullopt;
}

}  // namespace

absl::CivilDay FirstDateShown(const Calendar& calendar, const Window& window, Grain grain,
                              absl::CivilDay start) {
  absl::CivilDay first = start;
  switch (window.reach) {
    case WindowReach::kBucket:
      break;
    case WindowReach::kRolling:
      first = RollingFirst(calendar, window, start);
      break;
    case WindowReach::kToDate:
      // The last date shown of a week may lie in the period in which the week starts.
      first = StepStart(calendar, window.period, start);
      break;
    case WindowReach::kPrevious:
      first = CountBack(calendar, window, grain, start, window.count);
      break;
  }
  return std::max(first, calendar.spec().first_date);
}

absl::Time Reach::StartOf(const OwnBucket& bucket) {
  switch (window_.reach) {
    case WindowReach::kRolling:
      return RollingStart(bucket);
    case WindowReach::kToDate:
      return DateStart(bucket);
    case WindowReach::kBucket:
    case WindowReach::kPrevious:
      break;
  }
  return bucket.shown.start;
}

absl::Time Reach::DateStart(const OwnBucket& bucket) {
  if (last_asked_ == bucket.last_shown) return last_start_;
  const absl::CivilDay shown = base_.dates[bucket.last_shown].date;
  absl::CivilDay first = shown - (window_.count - 1);
  if (window_.reach == WindowReach::kToDate) {
    first = StepStart(calendar_, window_.period, shown);
  }
  last_asked_ = bucket.last_shown;
  last_start_ = calendar_.ExtentOf(first).start;
  return last_start_;
}

absl::Time Reach::RollingStart(const OwnBucket& bucket) {
  switch (window_.unit) {
    case RollingUnit::kSessions: {
      const auto others = static_cast<uint32_t>(window_.count - 1);
      return base_.dates[bucket.last_shown - std::min(others, bucket.last_shown)].shown.start;
    }
    case RollingUnit::kDays:
      return DateStart(bucket);
    case RollingUnit::kHours:
      break;
  }
  return bucket.shown.end - absl::Hours(window_.count);
}

DateRange DatesThatShow(const Calendar& calendar, const Window& window, Grain grain,
                        DateRange dates) {
  DateRange reached = KnownPart(calendar, dates);
  const auto end = EndOfShown(calendar, window, reached);
  if (!end) return KnownSteps(calendar, grain, reached);
  absl::CivilDay last = reached.end;
  switch (window.reach) {
    case WindowReach::kBucket:
      break;
    case WindowReach::kRolling:
      last = RollingEnd(calendar, window, *end);
      break;
    case WindowReach::kToDate:
      last = NextStep(window.period, StepStart(calendar, window.period, *end - 1));
      break;
    case WindowReach::kPrevious:
      last = CountOn(calendar, window, grain, NextStep(grain, StepStart(calendar, grain, *end - 1)),
                     window.count);
      reached.start = FirstAfter(calendar, window, grain, reached.start, window.count);
      break;
  }
  reached.end = std::max(reached.end, last);
  reached.start = std::min(reached.start, reached.end);
  return KnownSteps(calendar, grain, reached);
}

}  // namespace metricstore::calendar
