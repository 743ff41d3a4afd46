#include "tests/unit/common_calendar/window_teller.h"

#include <algorithm>
#include <utility>

#include "common/calendar/grain_steps.h"

namespace metricstore::calendar {

using absl::CivilDay;

void AppendSlice(TimeRange slice, std::vector<TimeRange>& slices) {
  if (slice.start >= slice.end) return;
  if (!slices.empty() && slices.back().end == slice.start) {
    slices.back().end = slice.end;
  } else {
    slices.push_back(slice);
  }
}

std::vector<TimeRange> CutTo(const std::vector<TimeRange>& slices, TimeRange bounds) {
  std::vector<TimeRange> cut;
  for (const TimeRange& slice : slices) {
    AppendSlice({std::max(slice.start, bounds.start), std::min(slice.end, bounds.end)}, cut);
  }
  return cut;
}

std::vector<TimeRange> BaseOf(const Calendar& calendar, const Window& window, DateRange dates) {
  std::vector<TimeRange> slices;
  for (CivilDay date = dates.start; date < dates.end; ++date) {
    if (!calendar.Knows(date)) continue;
    for (const TimeRange& slice : ResolveBase(calendar, window, date)) AppendSlice(slice, slices);
  }
  return slices;
}

WindowTeller::WindowTeller(const Calendar& calendar, const Window& window, Grain grain)
    : calendar_(calendar), window_(window) {
  const CalendarSpec& spec = calendar.spec();
  for (CivilDay start = StepStart(calendar, grain, spec.first_date); start <= spec.last_date;
       start = NextStep(grain, start)) {
    const DateRange dates{start, NextStep(grain, start)};
    const std::vector<TimeRange> slices = BaseOf(calendar, window, dates);
    if (grain == Grain::kHour) {
      AddHours(dates, slices);
    } else if (!slices.empty()) {
      own_.push_back({dates, calendar.ExtentOf(start).start, slices});
    }
  }
  for (CivilDay date = spec.first_date; date <= spec.last_date; ++date) {
    if (!ResolveBase(calendar, window, date).empty()) shown_dates_.push_back(date);
  }
  all_ = BaseOf(calendar, window, {spec.first_date, spec.last_date + 1});
}

std::vector<Bucket> WindowTeller::Tell(DateRange dates) const {
  std::vector<Bucket> buckets;
  for (size_t i = 0; i < own_.size(); ++i) {
    if (own_[i].dates.start < dates.start || own_[i].dates.end > dates.end) continue;
    Bucket bucket{own_[i].start, Shown(i)};
    if (!bucket.slices.empty()) buckets.push_back(std::move(bucket));
  }
  return buckets;
}

// Clocks are set on whole minutes.
void WindowTeller::AddHours(DateRange dates, const std::vector<TimeRange>& slices) {
  const absl::TimeZone zone = calendar_.zone();
  const TimeRange extent = calendar_.ExtentOf(dates.start);
  absl::Time hour = extent.start;
  for (absl::Time at = extent.start + absl::Minutes(1); at <= extent.end; at += absl::Minutes(1)) {
    const auto before = zone.At(at - absl::Minutes(1));
    const auto now = zone.At(at);
    const bool turns = at == extent.end || now.cs.minute() == 0 || now.offset != before.offset;
    if (!turns) continue;
    std::vector<TimeRange> shown = CutTo(slices, {hour, at});
    if (!shown.empty()) own_.push_back({dates, hour, std::move(shown)});
    hour = at;
  }
}

absl::Time WindowTeller::RollingStart(absl::Time end) const {
  if (window_.unit == RollingUnit::kHours) return end - absl::Hours(window_.count);
  const CivilDay last_date = calendar_.DateAt(end - absl::Seconds(1));
  if (window_.unit == RollingUnit::kDays) {
    return calendar_.ExtentOf(last_date - (window_.count - 1)).start;
  }
  const auto last = std::find(shown_dates_.begin(), shown_dates_.end(), last_date);
  const auto back = std::min<std::ptrdiff_t>(last - shown_dates_.begin(), window_.count - 1);
  return calendar_.ExtentOf(*(last - back)).start;
}

std::vector<TimeRange> WindowTeller::Shown(size_t i) const {
  const Own& own = own_[i];
  const absl::Time end = own.slices.back().end;
  const CivilDay last_shown = calendar_.DateAt(end - absl::Seconds(1));
  switch (window_.reach) {
    case WindowReach::kBucket:
      break;
    case WindowReach::kPrevious:
      if (i < static_cast<size_t>(window_.count)) return {};
      return own_[i - static_cast<size_t>(window_.count)].slices;
    case WindowReach::kToDate:
      return CutTo(
          all_, {calendar_.ExtentOf(StepStart(calendar_, window_.period, last_shown)).start, end});
    case WindowReach::kRolling:
      return CutTo(all_, {RollingStart(end), end});
  }
  return own.slices;
}

}  // namespace metricstore::calendar
