// Trading and business calendars: which sessions a date has, and the instants they start and end.
//
// Pure data and functions: no global state, no I/O but the zone database that absl loads.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/calendar/calendar_spec.h"
#include "common/calendar/day_plans.h"
#include "common/calendar/zone_clock.h"
#include "common/time/iso8601.h"

namespace metricstore::calendar {

// A session as it takes place on one date.
struct Session {
  std::string_view name;          // valid as long as the calendar
  TimeRange range;                // from the open to the close
  std::vector<TimeRange> pieces;  // the range without its breaks, in order; at least one
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
  // The names of its sessions, each once, in the order of the definition.
  std::vector<std::string_view> SessionNames() const;
  // Why a date is closed or has other hours: the names of its holidays, special hours and special
  // sessions, in the order of the definition.
  std::vector<std::string_view> NotesOn(absl::CivilDay date) const;

  // The sessions of a trade date in order of opening; none on closed days. `date` must be known.
  std::vector<Session> SessionsOn(absl::CivilDay date) const;
  std::optional<Session> SessionOn(absl::CivilDay date, std::string_view name) const;

  // All instants that belong to a date: from its local midnight to the next, extended so that
  // sessions with a day offset lie in their trade date and the extents of consecutive dates neither
  // overlap nor leave a gap. The cut is at the same clock time on every date, open or closed: with
  // a session from 18:00-1d, Sunday 18:00 starts Monday and Friday 18:00 starts Saturday.
  TimeRange ExtentOf(absl::CivilDay date) const;
  // The instants of all extents of `dates`.
  TimeRange ExtentOf(DateRange dates) const;
  // Where extents are cut: seconds from a date's midnight by the clock on the wall, -86400 to
  // 86400.
  int32_t extent_start_seconds() const { return extent_start_seconds_; }

  // The date whose extent holds the instant: every instant has one.
  absl::CivilDay DateAt(absl::Time instant) const;
  // The trade date of the sessions that are open at the instant: none in breaks, between sessions,
  // on closed days and outside of the dates that the calendar knows.
  std::optional<absl::CivilDay> TradeDateAt(absl::Time instant) const;

  // The zone's clock, fast for the dates that the calendar knows.
  const ZoneClock& clock() const { return clock_; }

  Calendar(const Calendar&) = delete;
  Calendar& operator=(const Calendar&) = delete;

 private:
  Calendar(CalendarSpec spec, int version, absl::TimeZone zone);

  int64_t ExtentStart(absl::CivilDay date) const { return clock_.At(date, extent_start_seconds_); }

  const CalendarSpec spec_;
  const int version_;
  const absl::TimeZone zone_;
  const int32_t extent_start_seconds_;
  const ZoneClock clock_;
  const DayPlans plans_;  // names are those of spec_
};

}  // namespace metricstore::calendar
