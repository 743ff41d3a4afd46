#include "common/calendar/zone_clock.h"

#include <algorithm>
#include <limits>

namespace metricstore::calendar {
namespace {

constexpr int64_t kDaySeconds = 86400;
// Readings of neighbouring dates are asked for too.
constexpr int64_t kMarginDays = 5;
// No zone's clock is set by more.
constexpr int64_t kLargestChange = kDaySeconds;

int64_t LocalMidnight(absl::CivilDay date) {
  return (date - absl::CivilDay(1970, 1, 1)) * kDaySeconds;
}

// absl names a change by the reading that the clock is set to.
int64_t InstantOf(absl::TimeZone zone, const absl::TimeZone::CivilTransition& change) {
  return SecondsOf(zone.At(change.to).trans);
}

}  // namespace

ZoneClock::ZoneClock(absl::TimeZone zone, absl::CivilDay first_date, absl::CivilDay last_date)
    : zone_(zone) {
  const int64_t end = LocalMidnight(last_date + kMarginDays);
  int64_t at = LocalMidnight(first_date - kMarginDays);
  int64_t latest = std::numeric_limits<int64_t>::min();
  while (at < end) {
    const Stretch stretch = AskZone(at);
    stretches_.push_back(stretch);
    latest = std::max(latest, stretch.until + stretch.offset);
    local_ends_.push_back(latest);
    at = stretch.until;
  }
}

ZoneClock::Stretch ZoneClock::AskZone(int64_t instant) const {
  // Far enough for every date, and near enough for sums not to overflow.
  constexpr int64_t kForever = int64_t{1} << 50;
  const absl::Time at = absl::FromUnixSeconds(instant);
  Stretch stretch{-kForever, kForever, zone_.At(at).offset};
  absl::TimeZone::CivilTransition change;
  for (absl::Time time = at; zone_.NextTransition(time, &change);) {
    const int64_t changed = InstantOf(zone_, change);
    time = absl::FromUnixSeconds(changed);
    // Some changes are of the zone's abbreviation only.
    if (zone_.At(time).offset == stretch.offset) continue;
    stretch.until = changed;
    break;
  }
  for (absl::Time time = at + absl::Seconds(1); zone_.PrevTransition(time, &change);) {
    const int64_t changed = InstantOf(zone_, change);
    time = absl::FromUnixSeconds(changed);
    if (zone_.At(time - absl::Seconds(1)).offset == stretch.offset) continue;
    stretch.from = changed;
    break;
  }
  return stretch;
}

int64_t ZoneClock::At(absl::CivilDay date, int32_t wall_seconds) const {
  const int64_t local = LocalMidnight(date) + wall_seconds;
  // The first stretch that ends after the clock has shown the reading, or should have.
  const size_t i = static_cast<size_t>(
      std::upper_bound(local_ends_.begin(), local_ends_.end(), local) - local_ends_.begin());
  // Near the start of the table the stretch before may have shown the reading already.
  const bool in_table = i < stretches_.size() && (i > 0 || local - stretches_[0].offset >=
                                                               stretches_[0].from + kLargestChange);
  if (!in_table) return SecondsOf(absl::FromCivil(absl::CivilSecond(date) + wall_seconds, zone_));
  return std::max(stretches_[i].from, local - stretches_[i].offset);
}

ZoneClock::Stretch ZoneClock::StretchAt(int64_t instant) const {
  const auto after =
      std::upper_bound(stretches_.begin(), stretches_.end(), instant,
                       [](int64_t value, const Stretch& stretch) { return value < stretch.until; });
  if (after == stretches_.end() || instant < after->from) return AskZone(instant);
  return *after;
}

ZoneClock::Stretch ClockStep(const ZoneClock::Stretch& stretch, int64_t instant,
                             int64_t step_seconds) {
  const int64_t local = instant + stretch.offset;
  // Rounds down before 1970 as well.
  const int64_t into = (local % step_seconds + step_seconds) % step_seconds;
  return {std::max(instant - into, stretch.from),
          std::min(instant - into + step_seconds, stretch.until), stretch.offset};
}

}  // namespace metricstore::calendar
