#include "common/calendar/calendar.h"

#include <algorithm>

#include "common/calendar/spec_check.h"
#include "common/status/macros.h"

namespace metricstore::calendar {
namespace {

absl::TimeZone ZoneNamed(const std::string& name) {
  absl::TimeZone zone;
  absl::LoadTimeZone(name, &zone);
  return zone;
}

// Instants for which civil time has no numbers are as good as the furthest that it has.
absl::Time Clamped(absl::Time instant) {
  static const absl::Time first = absl::FromCivil(absl::CivilDay(1, 1, 1), absl::UTCTimeZone());
  static const absl::Time last = absl::FromCivil(absl::CivilDay(9999, 1, 1), absl::UTCTimeZone());
  return std::clamp(instant, first, last);
}

// Without pieces if the clock skips all of the session.
Session TakePlace(const PlannedSession& planned, absl::CivilDay date, const ZoneClock& clock) {
  Session session{planned.name, {}, {}};
  session.pieces.reserve(planned.pieces.size());
  for (const WallRange& piece : planned.pieces) {
    const TimeRange range{absl::FromUnixSeconds(clock.At(date, piece.start)),
                          absl::FromUnixSeconds(clock.At(date, piece.end))};
    if (range.start >= range.end) continue;
    // The clock may skip a break.
    if (!session.pieces.empty() && session.pieces.back().end == range.start) {
      session.pieces.back().end = range.end;
    } else {
      session.pieces.push_back(range);
    }
  }
  if (!session.pieces.empty()) {
    session.range = {session.pieces.front().start, session.pieces.back().end};
  }
  return session;
}

}  // namespace

absl::StatusOr<std::shared_ptr<const Calendar>> Calendar::Create(CalendarSpec spec, int version) {
  RETURN_IF_ERROR(CheckSpec(spec));
  const absl::TimeZone zone = ZoneNamed(spec.time_zone);
  return std::shared_ptr<const Calendar>(new Calendar(std::move(spec), version, zone));
}

Calendar::Calendar(CalendarSpec spec, int version, absl::TimeZone zone)
    : spec_(std::move(spec)),
      version_(version),
      zone_(zone),
      extent_start_seconds_(ExtentStartSeconds(spec_.sessions)),
      clock_(zone_, spec_.first_date, spec_.last_date),
      plans_(spec_) {}

bool Calendar::HasSession(std::string_view name) const {
  return std::any_of(spec_.sessions.begin(), spec_.sessions.end(),
                     [name](const SessionRule& session) { return session.name == name; });
}

std::vector<std::string_view> Calendar::SessionNames() const { return plans_.SessionNames(); }

std::vector<std::string_view> Calendar::NotesOn(absl::CivilDay date) const {
  return plans_.NotesOn(date);
}

std::vector<Session> Calendar::SessionsOn(absl::CivilDay date) const {
  std::vector<Session> sessions;
  const DayPlan& plan = plans_.On(date);
  sessions.reserve(plan.size());
  for (const PlannedSession& planned : plan) {
    Session session = TakePlace(planned, date, clock_);
    if (!session.pieces.empty()) sessions.push_back(std::move(session));
  }
  // They are, unless the clock skips the first piece of one.
  const auto opens_before = [](const Session& a, const Session& b) {
    return a.range.start < b.range.start;
  };
  if (!std::is_sorted(sessions.begin(), sessions.end(), opens_before)) {
    std::stable_sort(sessions.begin(), sessions.end(), opens_before);
  }
  return sessions;
}

std::optional<Session> Calendar::SessionOn(absl::CivilDay date, std::string_view name) const {
  for (const PlannedSession& planned : plans_.On(date)) {
    if (planned.name != name) continue;
    Session session = TakePlace(planned, date, clock_);
    if (session.pieces.empty()) return std::nullopt;
    return session;
  }
  return std::nullopt;
}

TimeRange Calendar::ExtentOf(absl::CivilDay date) const { return ExtentOf({date, date + 1}); }

TimeRange Calendar::ExtentOf(DateRange dates) const {
  return {absl::FromUnixSeconds(ExtentStart(dates.start)),
          absl::FromUnixSeconds(ExtentStart(dates.end))};
}

absl::CivilDay Calendar::DateAt(absl::Time instant) const {
  const int64_t seconds = SecondsOf(Clamped(instant));
  const int64_t local = seconds + clock_.StretchAt(seconds).offset;
  absl::CivilDay date(absl::CivilSecond() + (local - extent_start_seconds_));
  // A date may start at the first of two like readings, or be skipped by the clock.
  while (seconds < ExtentStart(date)) --date;
  while (seconds >= ExtentStart(date + 1)) ++date;
  return date;
}

std::optional<absl::CivilDay> Calendar::TradeDateAt(absl::Time instant) const {
  const absl::CivilDay date = DateAt(instant);
  const int64_t seconds = SecondsOf(Clamped(instant));
  for (const PlannedSession& planned : plans_.On(date)) {
    for (const WallRange& piece : planned.pieces) {
      if (seconds >= clock_.At(date, piece.start) && seconds < clock_.At(date, piece.end)) {
        return date;
      }
    }
  }
  return std::nullopt;
}

}  // namespace metricstore::calendar
