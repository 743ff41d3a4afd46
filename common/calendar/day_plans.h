// The hours of every date of a calendar by the clock on the wall, worked out once from its rules.
#pragma once

#include <cstdint>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/civil_time.h"
#include "common/calendar/calendar_spec.h"

namespace metricstore::calendar {

// Seconds from a trade date's midnight by the clock on the wall, half-open.
struct WallRange {
  int32_t start;
  int32_t end;
};

struct PlannedSession {
  std::string_view name;
  std::vector<WallRange> pieces;  // without breaks, in order, apart from each other; at least one
};

// The sessions of a date in order of opening.
using DayPlan = std::vector<PlannedSession>;

// Immutable. Refers to the names in the spec that it was made of, which has passed CheckSpec.
class DayPlans {
 public:
  explicit DayPlans(const CalendarSpec& spec);

  // Empty on closed dates and on those that the calendar does not know.
  const DayPlan& On(absl::CivilDay date) const;
  // The names of the holidays, special hours and special sessions, each once.
  const std::vector<std::string_view>& NotesOn(absl::CivilDay date) const;

  // The names of the sessions, each once, in the order of the definition.
  std::vector<std::string_view> SessionNames() const;

 private:
  // What is not ordinary on a date, in the order of the definition.
  struct Exceptions {
    std::vector<const Holiday*> holidays;
    std::vector<const SpecialHours*> hours;
    std::vector<const SpecialSession*> sessions;
  };
  struct NamedRules {
    std::string_view name;
    std::vector<const SessionRule*> rules;
  };
  using ExceptionMap = std::map<absl::CivilDay, Exceptions>;

  ExceptionMap ExceptionsOf(const CalendarSpec& spec);
  void PlanOrdinaryDates(const CalendarSpec& spec);
  DayPlan Plan(const CalendarSpec& spec, absl::CivilDay date, const Exceptions& exceptions) const;

  absl::CivilDay first_date_;
  std::vector<NamedRules> sessions_;
  std::vector<DayPlan> plans_;      // the first is empty
  std::vector<uint32_t> plan_ids_;  // of each date from first_date_
  std::map<absl::CivilDay, std::vector<std::string_view>> notes_;
};

}  // namespace metricstore::calendar
