// The clock of a time zone as a table of its changes, so that reading it costs a binary search.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"

namespace metricstore::calendar {

// Instants are whole seconds since the Unix epoch here. Immutable and thread-safe. Answers as
// absl::FromCivil does for every date; those outside of the dates it was made for cost more.
class ZoneClock {
 public:
  // A stretch of time [from, until) in which the clock runs on: it shows UTC plus `offset` seconds.
  struct Stretch {
    int64_t from;
    int64_t until;
    int32_t offset;
  };

  ZoneClock(absl::TimeZone zone, absl::CivilDay first_date, absl::CivilDay last_date);

  // When the clock shows so many seconds after the date's midnight. Where it skips the reading: the
  // instant at which it does; where it shows the reading twice: the first time. Later readings
  // never give earlier instants.
  int64_t At(absl::CivilDay date, int32_t wall_seconds) const;
  // The stretch that holds the instant.
  Stretch StretchAt(int64_t instant) const;

 private:
  // The stretch that the zone database tells, with another offset than its neighbours.
  Stretch AskZone(int64_t instant) const;

  absl::TimeZone zone_;
  std::vector<Stretch> stretches_;  // of the dates, without a gap
  // What the clock shows at the end of each stretch at the latest, of it and those before.
  std::vector<int64_t> local_ends_;
};

// Seconds since the Unix epoch of an instant, rounded down.
inline int64_t SecondsOf(absl::Time time) { return absl::ToUnixSeconds(time); }

// The step of `step_seconds`, counted from local midnight by the local clock, that holds the
// instant, cut where the clock is set to another time. `step_seconds` divides a day.
ZoneClock::Stretch ClockStep(const ZoneClock::Stretch& stretch, int64_t instant,
                             int64_t step_seconds);

}  // namespace metricstore::calendar
