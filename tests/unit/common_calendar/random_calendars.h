// Random calendars and windows for property tests: sound by construction, odd by intent.
#pragma once

#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "common/calendar/buckets.h"

namespace metricstore::calendar {

// Draws from one seed, which METRICSTORE_TEST_SEED sets; else it differs from run to run. The seed
// is printed, so that a failure can be repeated.
class Dice {
 public:
  Dice();

  // From `least` to `most`, both inclusive.
  int64_t Roll(int64_t least, int64_t most);
  bool Chance(double probability);
  template <typename T>
  const T& Pick(const std::vector<T>& values) {
    return values[static_cast<size_t>(Roll(0, static_cast<int64_t>(values.size()) - 1))];
  }
  absl::CivilDay Date(absl::CivilDay first, absl::CivilDay last) {
    return first + Roll(0, last - first);
  }
  uint32_t seed() const { return seed_; }

 private:
  uint32_t seed_;
  std::mt19937 engine_;
};

// One or two years of a zone with odd changes; several sessions, rth among them, with breaks,
// holidays, special hours and special sessions.
CalendarSpec RandomSpec(Dice& dice);
std::shared_ptr<const Calendar> RandomCalendar(Dice& dice);
// The same but for some of what a calendar may change: exceptions, hours, breaks, sessions that
// come, go or are in effect on other dates, where days and weeks start, the zone, the dates that it
// knows. It may be one that CheckSpec refuses.
CalendarSpec ChangedSpec(Dice& dice, const CalendarSpec& spec);
// One that CheckWindow accepts.
Window RandomWindow(Dice& dice, const Calendar& calendar, Grain grain);

}  // namespace metricstore::calendar
