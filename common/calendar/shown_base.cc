#include "common/calendar/shown_base.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "common/calendar/buckets.h"
#include "common/calendar/grain_steps.h"

namespace metricstore::calendar {
namespace {

constexpr int32_t kDaySeconds = 86400;
constexpr int64_t kHourSeconds = 3600;
constexpr int64_t kNever = std::numeric_limits<int64_t>::min();

// Slices that touch become one: each costs its reader a search.
void AppendMerged(const TimeRange& slice, std::vector<TimeRange>& slices) {
  if (slice.start >= slice.end) return;
  if (!slices.empty() && slices.back().end == slice.start) {
    slices.back().end = slice.end;
  } else {
    slices.push_back(slice);
  }
}

void CutTo(const TimeRange& bounds, std::vector<TimeRange>& slices) {
  std::vector<TimeRange> cut;
  for (const TimeRange& slice : slices) {
    AppendMerged({std::max(slice.start, bounds.start), std::min(slice.end, bounds.end)}, cut);
  }
  slices = std::move(cut);
}

// Trade dates may start on the evening before, or end on the morning after: the ranges of the
// neighbouring civil days reach into them.
void CutToClockRange(const Calendar& calendar, const Window& window, absl::CivilDay date,
                     std::vector<TimeRange>& slices) {
  const bool overnight = window.to_second < window.from_second;
  const int32_t to_second = window.to_second + (overnight ? kDaySeconds : 0);
  std::vector<TimeRange> cut;
  for (const TimeRange& slice : slices) {
    for (absl::CivilDay day = date - 2; day <= date + 2; ++day) {
      const absl::Time from = absl::FromUnixSeconds(calendar.clock().At(day, window.from_second));
      const absl::Time to = absl::FromUnixSeconds(calendar.clock().At(day, to_second));
      AppendMerged({std::max(from, slice.start), std::min(to, slice.end)}, cut);
    }
  }
  slices = std::move(cut);
}

bool NeedsSession(const Window& window) {
  return window.kind != WindowKind::kFullDay &&
         (window.kind != WindowKind::kRange || !window.session.empty());
}

// The hours of the local clock one after the other; instants that are asked for do not go back.
class HourWalk {
 public:
  explicit HourWalk(const ZoneClock& clock) : clock_(clock) {}

  // The hour that holds the instant.
  const ZoneClock::Stretch& At(int64_t instant) {
    if (instant < hour_.until) return hour_;
    if (instant >= stretch_.until) stretch_ = clock_.StretchAt(instant);
    // Most hours follow the one before: no division is needed.
    if (instant == hour_.until && instant != stretch_.from) {
      hour_ = {instant, std::min(instant + kHourSeconds, stretch_.until), stretch_.offset};
    } else {
      hour_ = ClockStep(stretch_, instant, kHourSeconds);
    }
    return hour_;
  }

 private:
  const ZoneClock& clock_;
  ZoneClock::Stretch stretch_{kNever, kNever, 0};
  ZoneClock::Stretch hour_{kNever, kNever, 0};
};

// Visits the hours of slices that do not go back, each once: a break may lie inside of one.
class OwnHours {
 public:
  OwnHours(const ZoneClock& clock, absl::FunctionRef<void(const OwnBucket&)> visit)
      : walk_(clock), visit_(visit) {}

  // The hours of one slice, or of its part in a date of this extent.
  void Add(const TimeRange& slice, const TimeRange& extent, uint32_t date) {
    const int64_t extent_start = SecondsOf(extent.start);
    const int64_t end = std::min(SecondsOf(slice.end), SecondsOf(extent.end));
    for (int64_t at = std::max(SecondsOf(slice.start), extent_start); at < end;) {
      const ZoneClock::Stretch& hour = walk_.At(at);
      const int64_t start = std::max(hour.from, extent_start);
      if (start != start_) {
        Flush();
        start_ = start;
        from_ = at;
        date_ = date;
      }
      at = until_ = std::min(hour.until, end);
    }
  }

  // The hour that was met last is not visited before.
  void Flush() {
    if (start_ == kNever) return;
    visit_({absl::FromUnixSeconds(start_),
            {absl::FromUnixSeconds(from_), absl::FromUnixSeconds(until_)},
            date_});
  }

 private:
  HourWalk walk_;
  const absl::FunctionRef<void(const OwnBucket&)> visit_;
  // The hour that was met last, what is shown of it so far and its date.
  int64_t start_ = kNever;
  int64_t from_ = kNever;
  int64_t until_ = kNever;
  uint32_t date_ = 0;
};

void VisitOwnHours(const Calendar& calendar, const ShownBase& base,
                   absl::FunctionRef<void(const OwnBucket&)> visit) {
  OwnHours hours(calendar.clock(), visit);
  size_t slice = 0;
  for (uint32_t i = 0; i < base.dates.size(); ++i) {
    const TimeRange extent = calendar.ExtentOf(base.dates[i].date);
    for (; slice < base.slices.size() && base.slices[slice].start < extent.end; ++slice) {
      hours.Add(base.slices[slice], extent, i);
      // The slice goes on in the next date.
      if (base.slices[slice].end > extent.end) break;
    }
  }
  hours.Flush();
}

}  // namespace

std::vector<TimeRange> ResolveBase(const Calendar& calendar, const Window& window,
                                   absl::CivilDay date) {
  std::vector<TimeRange> slices;
  if (NeedsSession(window)) {
    auto session = calendar.SessionOn(date, window.session);
    if (!session) return {};
    slices = std::move(session->pieces);
    const auto& [open, close] = session->range;
    if (window.kind == WindowKind::kFirst) CutTo({open, open + window.length}, slices);
    if (window.kind == WindowKind::kLast) CutTo({close - window.length, close}, slices);
  } else {
    // A civil day that the zone skipped is empty.
    AppendMerged(calendar.ExtentOf(date), slices);
  }
  if (window.kind == WindowKind::kRange) CutToClockRange(calendar, window, date, slices);
  return slices;
}

ShownBase ShowBase(const Calendar& calendar, const Window& window, DateRange dates) {
  ShownBase base;
  base.dates.reserve(static_cast<size_t>(std::max<absl::civil_diff_t>(dates.end - dates.start, 0)));
  for (absl::CivilDay date = dates.start; date < dates.end; ++date) {
    const std::vector<TimeRange> slices = ResolveBase(calendar, window, date);
    if (slices.empty()) continue;
    base.dates.push_back({date, {slices.front().start, slices.back().end}});
    for (const TimeRange& slice : slices) AppendMerged(slice, base.slices);
  }
  return base;
}

void VisitOwnBuckets(const Calendar& calendar, Grain grain, const ShownBase& base,
                     absl::FunctionRef<void(const OwnBucket&)> visit) {
  if (grain == Grain::kHour) return VisitOwnHours(calendar, base, visit);
  for (uint32_t i = 0; i < base.dates.size();) {
    const absl::CivilDay first = StepStart(calendar, grain, base.dates[i].date);
    const absl::CivilDay next = NextStep(grain, first);
    OwnBucket bucket{calendar.ExtentOf(first).start, base.dates[i].shown, i};
    while (++i < base.dates.size() && base.dates[i].date < next) bucket.last_shown = i;
    bucket.shown.end = base.dates[bucket.last_shown].shown.end;
    visit(bucket);
  }
}

size_t MostOwnBuckets(Grain grain, const ShownBase& base) {
  if (grain != Grain::kHour) return base.dates.size();
  // Dates and slices may start and end inside of an hour, and the clock be set there.
  auto most = static_cast<int64_t>(base.dates.size());
  for (const TimeRange& slice : base.slices) {
    most += absl::ToInt64Hours(slice.end - slice.start) + 2;
  }
  return static_cast<size_t>(most);
}

}  // namespace metricstore::calendar
