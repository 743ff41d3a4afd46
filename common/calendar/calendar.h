// Trading and business calendars: which sessions a date has, and the instants they start and end.
//
// Pure data and functions: no global state, no I/O but the zone database that absl loads.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/time/iso8601.h"

namespace metricstore::calendar {

// A clock reading relative to a trade date.
struct LocalTime {
  int32_t second_of_day = 0;  // 0 to 86400
  int32_t day_offset = 0;     // -1, 0 or 1
  friend bool operator==(const LocalTime&, const LocalTime&) = default;
};

// A named stretch of a trading day.
struct SessionRule {
  std::string name;
  LocalTime open;
  LocalTime close;
};

enum class Observance { kNone = 0, kNearestWeekday = 1, kSundayToMonday = 2 };

// Names at most one date in each year; see proto metricstore.registry.v1.DateRule.
struct DateRule {
  struct Fixed {
    absl::CivilDay date;
  };
  struct MonthDay {
    int month;
    int day;
  };
  struct NthWeekday {
    int month;
    absl::Weekday weekday;
    int n;
  };  // n -1: the last
  struct EasterOffset {
    int days;
  };
  std::variant<Fixed, MonthDay, NthWeekday, EasterOffset> rule;
  Observance observance = Observance::kNone;
  int offset_days = 0;
  int first_year = 0;  // 0: no bound
  int last_year = 0;   // 0: no bound
  std::vector<absl::Weekday> only_on;

  // The date named in `year`, if any. An observed date may lie in a neighbouring year.
  std::optional<absl::CivilDay> DateIn(int year) const;
};

struct Holiday {
  std::string name;
  DateRule on;
};

struct SpecialHours {
  std::string name;
  DateRule on;
  std::optional<LocalTime> early_close;
  std::optional<LocalTime> late_open;
  std::vector<std::string> sessions;  // empty: all
};

// The definition as people write it.
struct CalendarSpec {
  std::string name;
  std::string description;
  std::string time_zone;
  std::vector<absl::Weekday> open_days;
  std::vector<SessionRule> sessions;
  std::vector<Holiday> holidays;
  std::vector<SpecialHours> special_hours;
  absl::CivilDay first_date;
  absl::CivilDay last_date;  // inclusive
};

// A session as it takes place on one date.
struct Session {
  std::string_view name;
  TimeRange range;
};

// A calendar ready for use. Immutable and thread-safe.
class Calendar {
 public:
  // INVALID_ARGUMENT (DEFINITION_INVALID) with one violation for each fault: unknown zone, session
  // that ends before it starts, ...
  static absl::StatusOr<std::shared_ptr<const Calendar>> Create(CalendarSpec spec, int version);

  const CalendarSpec& spec() const { return spec_; }
  int version() const { return version_; }
  absl::TimeZone zone() const { return zone_; }

  bool Knows(absl::CivilDay date) const {
    return date >= spec_.first_date && date <= spec_.last_date;
  }
  bool HasSession(std::string_view name) const;
  // The holiday's name if `date` is one.
  std::optional<std::string_view> HolidayOn(absl::CivilDay date) const;
  // The sessions of a trade date in order of opening; none on closed days. `date` must be known.
  std::vector<Session> SessionsOn(absl::CivilDay date) const;
  std::optional<TimeRange> SessionOn(absl::CivilDay date, std::string_view name) const;
  // All instants that belong to a date: from its local midnight to the next, extended so that
  // sessions with a day offset lie in their trade date and the extents of consecutive dates neither
  // overlap nor leave a gap. The cut is at the same clock time on every date, open or closed: with
  // a session from 18:00-1d, Sunday 18:00 starts Monday and Friday 18:00 starts Saturday.
  TimeRange ExtentOf(absl::CivilDay date) const;

 private:
  Calendar() = default;
  bool IsOpen(absl::CivilDay date) const;
  // A session's instants on an open date, after its special hours; none if they leave nothing.
  std::optional<TimeRange> RangeOf(const SessionRule& session, absl::CivilDay date) const;

  CalendarSpec spec_;
  int version_ = 0;
  absl::TimeZone zone_;
  unsigned open_weekdays_ = 0;        // bit n: absl::Weekday n
  int32_t extent_start_seconds_ = 0;  // by the wall clock, from a date's midnight
  std::map<absl::CivilDay, std::string> holidays_;
  std::map<absl::CivilDay, std::vector<const SpecialHours*>> special_;
};

}  // namespace metricstore::calendar
