#include <algorithm>
#include <optional>

#include "common/calendar/buckets.h"

namespace metricstore::calendar {
namespace {

// The bars of one trade date: answers where the bar that holds an instant ends.
class DayBars {
 public:
  DayBars(const Calendar& calendar, const Window& window, absl::Duration timeframe,
          BarAlignment alignment, absl::CivilDay date)
      : calendar_(calendar), timeframe_(timeframe), extent_(calendar.ExtentOf(date)) {
    if (alignment == BarAlignment::kClock) return;
    const auto session = calendar.SessionOn(date, window.session);
    open_ = session ? session->range.start : extent_.start;
  }

  bool Holds(absl::Time instant) const { return instant >= extent_.start && instant < extent_.end; }

  absl::Time EndOfBar(absl::Time instant) {
    if (open_) {
      const absl::Duration since = absl::Floor(instant - *open_, timeframe_);
      return std::min(*open_ + since + timeframe_, extent_.end);
    }
    const int64_t seconds = SecondsOf(instant);
    if (seconds < stretch_.from || seconds >= stretch_.until) {
      stretch_ = calendar_.clock().StretchAt(seconds);
    }
    const auto bar = ClockStep(stretch_, seconds, absl::ToInt64Seconds(timeframe_));
    return std::min(absl::FromUnixSeconds(bar.until), extent_.end);
  }

 private:
  const Calendar& calendar_;
  const absl::Duration timeframe_;
  const TimeRange extent_;
  std::optional<absl::Time> open_;
  ZoneClock::Stretch stretch_{0, 0, 0};
};

}  // namespace

std::vector<Bucket> CutIntoBars(const Calendar& calendar, const Window& window,
                                absl::Duration timeframe, BarAlignment alignment,
                                const std::vector<TimeRange>& slices) {
  std::vector<Bucket> bars;
  timeframe = std::max(timeframe, absl::Seconds(1));
  std::optional<DayBars> day;
  for (const TimeRange& slice : slices) {
    for (absl::Time at = slice.start; at < slice.end;) {
      if (!day || !day->Holds(at)) {
        day.emplace(calendar, window, timeframe, alignment, calendar.DateAt(at));
      }
      const absl::Time end = std::min(day->EndOfBar(at), slice.end);
      bars.push_back({at, {{at, end}}});
      at = end;
    }
  }
  return bars;
}

}  // namespace metricstore::calendar
