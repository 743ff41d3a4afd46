#include "common/calendar/calendar.h"

#include <algorithm>

#include "common/calendar/spec_check.h"
#include "common/status/macros.h"

namespace metricstore::calendar {
namespace {

constexpr int32_t kDaySeconds = 86400;

unsigned WeekdayBit(absl::Weekday weekday) { return 1U << static_cast<unsigned>(weekday); }

// Where the clock skips the reading: the instant at which it does; where it shows the reading
// twice: the first time. Later readings never give earlier instants.
absl::Time AtWallSeconds(absl::CivilDay date, int32_t wall_seconds, absl::TimeZone zone) {
  return absl::FromCivil(absl::CivilSecond(date) + wall_seconds, zone);
}

// Calls `add` for each date of the calendar that the rule names, whatever year it is observed in.
template <typename Add>
void ForEachDate(const CalendarSpec& spec, const DateRule& rule, Add add) {
  const int first = static_cast<int>(spec.first_date.year()) - 1;
  const int last = static_cast<int>(spec.last_date.year()) + 1;
  for (int year = first; year <= last; ++year) {
    const auto date = rule.DateIn(year);
    if (date && *date >= spec.first_date && *date <= spec.last_date) add(*date);
  }
}

// Trade dates are cut at one clock time, open or closed: where sessions open on the evening before,
// at the earliest open; where they close on the day after, at the latest close; else at midnight.
int32_t ExtentStartSeconds(const std::vector<SessionRule>& sessions) {
  int32_t earliest_open = 0;
  int32_t latest_close = kDaySeconds;
  for (const SessionRule& session : sessions) {
    earliest_open = std::min(earliest_open, WallSeconds(session.open));
    latest_close = std::max(latest_close, WallSeconds(session.close));
  }
  return earliest_open < 0 ? earliest_open : latest_close - kDaySeconds;
}

bool AppliesTo(const SpecialHours& hours, const std::string& session) {
  return hours.sessions.empty() ||
         std::find(hours.sessions.begin(), hours.sessions.end(), session) != hours.sessions.end();
}

}  // namespace

absl::StatusOr<std::shared_ptr<const Calendar>> Calendar::Create(CalendarSpec spec, int version) {
  RETURN_IF_ERROR(CheckSpec(spec));
  std::shared_ptr<Calendar> calendar(new Calendar());
  calendar->spec_ = std::move(spec);
  calendar->version_ = version;
  const CalendarSpec& own = calendar->spec_;
  absl::LoadTimeZone(own.time_zone, &calendar->zone_);
  for (absl::Weekday weekday : own.open_days) calendar->open_weekdays_ |= WeekdayBit(weekday);
  calendar->extent_start_seconds_ = ExtentStartSeconds(own.sessions);
  for (const Holiday& holiday : own.holidays) {
    ForEachDate(own, holiday.on,
                [&](absl::CivilDay date) { calendar->holidays_.try_emplace(date, holiday.name); });
  }
  for (const SpecialHours& hours : own.special_hours) {
    ForEachDate(own, hours.on,
                [&](absl::CivilDay date) { calendar->special_[date].push_back(&hours); });
  }
  return calendar;
}

bool Calendar::HasSession(std::string_view name) const {
  return std::any_of(spec_.sessions.begin(), spec_.sessions.end(),
                     [name](const SessionRule& session) { return session.name == name; });
}

std::optional<std::string_view> Calendar::HolidayOn(absl::CivilDay date) const {
  const auto found = holidays_.find(date);
  if (found == holidays_.end()) return std::nullopt;
  return found->second;
}

bool Calendar::IsOpen(absl::CivilDay date) const {
  return Knows(date) && (open_weekdays_ & WeekdayBit(absl::GetWeekday(date))) != 0 &&
         !holidays_.contains(date);
}

std::optional<TimeRange> Calendar::RangeOf(const SessionRule& session, absl::CivilDay date) const {
  int32_t open = WallSeconds(session.open);
  int32_t close = WallSeconds(session.close);
  if (const auto special = special_.find(date); special != special_.end()) {
    for (const SpecialHours* hours : special->second) {
      if (!AppliesTo(*hours, session.name)) continue;
      if (hours->late_open) open = std::max(open, WallSeconds(*hours->late_open));
      if (hours->early_close) close = std::min(close, WallSeconds(*hours->early_close));
    }
  }
  if (open >= close) return std::nullopt;
  const TimeRange range{AtWallSeconds(date, open, zone_), AtWallSeconds(date, close, zone_)};
  // The clock may skip all of a short session.
  if (range.start >= range.end) return std::nullopt;
  return range;
}

std::vector<Session> Calendar::SessionsOn(absl::CivilDay date) const {
  std::vector<Session> sessions;
  if (!IsOpen(date)) return sessions;
  for (const SessionRule& rule : spec_.sessions) {
    if (const auto range = RangeOf(rule, date)) sessions.push_back({rule.name, *range});
  }
  std::stable_sort(sessions.begin(), sessions.end(), [](const Session& a, const Session& b) {
    return a.range.start < b.range.start;
  });
  return sessions;
}

std::optional<TimeRange> Calendar::SessionOn(absl::CivilDay date, std::string_view name) const {
  if (!IsOpen(date)) return std::nullopt;
  for (const SessionRule& rule : spec_.sessions) {
    if (rule.name == name) return RangeOf(rule, date);
  }
  return std::nullopt;
}

TimeRange Calendar::ExtentOf(absl::CivilDay date) const {
  return {AtWallSeconds(date, extent_start_seconds_, zone_),
          AtWallSeconds(date + 1, extent_start_seconds_, zone_)};
}

}  // namespace metricstore::calendar
