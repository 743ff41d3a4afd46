// A calendar's definition as people write it: rules, not instants.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "common/calendar/date_rule.h"

namespace metricstore::calendar {

// A clock reading relative to a trade date.
struct LocalTime {
  int32_t second_of_day = 0;  // 0 to 86400
  int32_t day_offset = 0;     // -1, 0 or 1
  friend bool operator==(const LocalTime&, const LocalTime&) = default;
};

// A pause inside a session, half-open: instants in it belong to no session.
struct BreakRule {
  LocalTime start;
  LocalTime end;
  friend bool operator==(const BreakRule&, const BreakRule&) = default;
};

// A named stretch of a trading day. Several rules may share a name where no date has two of them:
// that is how hours change for good.
struct SessionRule {
  std::string name;
  LocalTime open;
  LocalTime close;
  std::vector<BreakRule> breaks;             // in order, disjoint, inside
  std::vector<absl::Weekday> days;           // of trade dates; empty: the calendar's open_days
  std::optional<absl::CivilDay> first_date;  // in effect from; unset: always
  std::optional<absl::CivilDay> last_date;   // in effect to, inclusive; unset: for ever
};

// A day without sessions.
struct Holiday {
  std::string name;
  DateRule on;
  std::vector<std::string> sessions;  // that do not take place; empty: all
};

// A day on which sessions are cut.
struct SpecialHours {
  std::string name;
  DateRule on;
  std::optional<LocalTime> early_close;
  std::optional<LocalTime> late_open;
  std::vector<std::string> sessions;  // empty: all
};

// A session that takes place at these hours on a date instead of its own: also on a date that is
// closed otherwise. Special hours do not cut it, holidays do not cancel it.
struct SpecialSession {
  std::string name;  // why
  DateRule on;
  std::string session;
  LocalTime open;
  LocalTime close;
  std::vector<BreakRule> breaks;
};

// See proto metricstore.registry.v1.Calendar, which has the same fields.
struct CalendarSpec {
  std::string name;
  std::string description;
  std::string time_zone;
  absl::Weekday week_start = absl::Weekday::monday;
  std::vector<absl::Weekday> open_days;
  std::vector<SessionRule> sessions;
  std::vector<Holiday> holidays;
  std::vector<SpecialHours> special_hours;
  std::vector<SpecialSession> special_sessions;
  absl::CivilDay first_date;
  absl::CivilDay last_date;  // inclusive
};

}  // namespace metricstore::calendar
