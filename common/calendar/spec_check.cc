#include "common/calendar/spec_check.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/calendar/rule_check.h"
#include "common/calendar/spec_faults.h"
#include "common/calendar/zone_names.h"

namespace metricstore::calendar {
namespace {

constexpr int32_t kDaySeconds = 86400;
constexpr size_t kMaxNameBytes = 63;
// Rules of one name are compared pair by pair.
constexpr size_t kMaxSessionRules = 200;

// IANA names only: absl would also open any file for "file:...", "/..." or the machine's own zone.
bool IsPortableZoneName(const std::string& name) {
  const auto allowed = [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '+' || c == '-' ||
           c == '/';
  };
  return !name.empty() && name.front() != '/' && name != "localtime" &&
         std::all_of(name.begin(), name.end(), allowed);
}

void CheckHeader(const CalendarSpec& spec, SpecFaults& faults) {
  if (spec.name.empty()) faults.Add("name", "is required");
  absl::TimeZone zone;
  if (!IsPortableZoneName(spec.time_zone) || !absl::LoadTimeZone(spec.time_zone, &zone)) {
    const std::string near = NearestZone(spec.time_zone);
    faults.Add("time_zone",
               absl::StrCat("\"", spec.time_zone, "\" is not the name of an IANA time zone",
                            near.empty() ? "" : absl::StrCat("; did you mean \"", near, "\"?")));
  }
  if (spec.open_days.empty()) faults.Add("open_days", "at least one day of the week is required");
  if (spec.first_date > spec.last_date) faults.Add("last_date", "lies before first_date");
  if (!IsSupportedYear(spec.first_date)) faults.Add("first_date", "years are 1900 to 2200");
  if (!IsSupportedYear(spec.last_date)) faults.Add("last_date", "years are 1900 to 2200");
}

void CheckName(const std::string& name, const std::string& field, SpecFaults& faults) {
  if (!IsSessionName(name)) {
    faults.Add(field,
               "starts with a lower-case letter, then letters, digits and _, at most 63 in all");
  } else if (IsReservedName(name)) {
    faults.Add(field, absl::StrCat("\"", name, "\" is the name of a window"));
  }
}

void CheckEffect(const SessionRule& session, const std::string& field, SpecFaults& faults) {
  if (session.first_date && !IsSupportedYear(*session.first_date)) {
    faults.Add(field + ".first_date", "years are 1900 to 2200");
  }
  if (session.last_date && !IsSupportedYear(*session.last_date)) {
    faults.Add(field + ".last_date", "years are 1900 to 2200");
  }
  if (session.first_date && session.last_date && *session.first_date > *session.last_date) {
    faults.Add(field + ".last_date", "lies before first_date");
  }
}

// A date on which both rules are in effect, one that the calendar knows if there is such.
std::optional<absl::CivilDay> CommonDate(const SessionRule& a, const SessionRule& b,
                                         const CalendarSpec& spec) {
  const absl::CivilDay always(1900, 1, 1);
  const absl::CivilDay for_ever(2200, 12, 31);
  absl::CivilDay first = std::max(a.first_date.value_or(always), b.first_date.value_or(always));
  const absl::CivilDay last =
      std::min(a.last_date.value_or(for_ever), b.last_date.value_or(for_ever));
  if (first < spec.first_date && spec.first_date + 6 <= last) first = spec.first_date;
  const auto has_day = [&spec](const SessionRule& rule, absl::CivilDay date) {
    const auto& days = rule.days.empty() ? spec.open_days : rule.days;
    return std::find(days.begin(), days.end(), absl::GetWeekday(date)) != days.end();
  };
  // Days of the week come back after seven dates.
  for (absl::CivilDay date = first; date <= std::min(last, first + 6); ++date) {
    if (has_day(a, date) && has_day(b, date)) return date;
  }
  return std::nullopt;
}

void CheckSameName(const CalendarSpec& spec, size_t i, const std::string& field,
                   SpecFaults& faults) {
  for (size_t before = 0; before < i; ++before) {
    if (spec.sessions[before].name != spec.sessions[i].name) continue;
    const auto date = CommonDate(spec.sessions[before], spec.sessions[i], spec);
    if (!date) continue;
    faults.Add(field + ".name",
               absl::StrCat("sessions[", before, "] is named \"", spec.sessions[i].name,
                            "\" too, and both are in effect on ", absl::FormatCivilTime(*date),
                            "; give one another name, or both other dates or days"));
    return;
  }
}

void CheckSessions(const CalendarSpec& spec, SpecFaults& faults) {
  if (spec.sessions.empty()) faults.Add("sessions", "at least one is required");
  if (spec.sessions.size() > kMaxSessionRules) {
    faults.Add("sessions", absl::StrCat("are at most ", kMaxSessionRules));
    return;
  }
  int32_t earliest_open = 2 * kDaySeconds;
  int32_t latest_close = -kDaySeconds;
  for (size_t i = 0; i < spec.sessions.size(); ++i) {
    const SessionRule& session = spec.sessions[i];
    const std::string field = absl::StrCat("sessions[", i, "]");
    CheckName(session.name, field + ".name", faults);
    CheckSessionHours(session.open, session.close, session.breaks, field, faults);
    CheckEffect(session, field, faults);
    CheckSameName(spec, i, field, faults);
    earliest_open = std::min(earliest_open, WallSeconds(session.open));
    latest_close = std::max(latest_close, WallSeconds(session.close));
  }
  // Else an instant would belong to two trade dates.
  if (latest_close - earliest_open > kDaySeconds) {
    faults.Add("sessions", "from the first open to the last close are more than 24 hours");
  }
}

bool HasSession(const CalendarSpec& spec, const std::string& name) {
  return std::any_of(spec.sessions.begin(), spec.sessions.end(),
                     [&](const SessionRule& session) { return session.name == name; });
}

void CheckKnown(const std::vector<std::string>& sessions, const CalendarSpec& spec,
                const std::string& field, SpecFaults& faults) {
  for (const std::string& name : sessions) {
    if (HasSession(spec, name)) continue;
    faults.Add(field, absl::StrCat("no session is named \"", name, "\""));
  }
}

void CheckHours(const SpecialHours& hours, const std::string& field, SpecFaults& faults) {
  if (!hours.early_close && !hours.late_open) {
    faults.Add(field, "early_close or late_open is required");
  }
  if (hours.early_close) CheckLocalTime(*hours.early_close, field + ".early_close", faults);
  if (hours.late_open) CheckLocalTime(*hours.late_open, field + ".late_open", faults);
  if (hours.early_close && hours.late_open &&
      WallSeconds(*hours.early_close) <= WallSeconds(*hours.late_open)) {
    faults.Add(field + ".early_close", "is not later than late_open");
  }
}

void CheckSpecialSession(const SpecialSession& session, const CalendarSpec& spec,
                         const std::string& field, SpecFaults& faults) {
  CheckDateRule(session.on, field + ".on", faults);
  CheckSessionHours(session.open, session.close, session.breaks, field, faults);
  CheckKnown({session.session}, spec, field + ".session", faults);
  // Else its instants would belong to another trade date.
  const int32_t start = ExtentStartSeconds(spec.sessions);
  if (WallSeconds(session.open) < start) {
    faults.Add(field + ".open", "lies before the start of the trade date");
  }
  if (WallSeconds(session.close) > start + kDaySeconds) {
    faults.Add(field + ".close", "lies after the end of the trade date");
  }
}

bool IsSound(const DateRule& rule) {
  SpecFaults faults;
  CheckDateRule(rule, "on", faults);
  return faults.empty();
}

void CheckOnePerDate(const CalendarSpec& spec, SpecFaults& faults) {
  // Years without bounds would take long to expand.
  if (!IsSupportedYear(spec.first_date) || !IsSupportedYear(spec.last_date)) return;
  std::map<std::pair<std::string_view, absl::CivilDay>, size_t> rules;
  for (size_t i = 0; i < spec.special_sessions.size(); ++i) {
    const SpecialSession& session = spec.special_sessions[i];
    if (!IsSound(session.on)) continue;
    for (const absl::CivilDay date : session.on.DatesWithin(spec.first_date, spec.last_date)) {
      const auto [other, is_new] = rules.try_emplace({session.session, date}, i);
      if (is_new) continue;
      faults.Add(absl::StrCat("special_sessions[", i, "].on"),
                 absl::StrCat("special_sessions[", other->second, "] gives ", session.session,
                              " on ", absl::FormatCivilTime(date), " too"));
      break;
    }
  }
}

}  // namespace

int32_t ExtentStartSeconds(const std::vector<SessionRule>& sessions) {
  int32_t earliest_open = 0;
  int32_t latest_close = kDaySeconds;
  for (const SessionRule& session : sessions) {
    earliest_open = std::min(earliest_open, WallSeconds(session.open));
    latest_close = std::max(latest_close, WallSeconds(session.close));
  }
  return earliest_open < 0 ? earliest_open : latest_close - kDaySeconds;
}

bool IsSessionName(std::string_view name) {
  const auto allowed = [](char c) {
    return absl::ascii_islower(static_cast<unsigned char>(c)) ||
           absl::ascii_isdigit(static_cast<unsigned char>(c)) || c == '_';
  };
  return !name.empty() && name.size() <= kMaxNameBytes &&
         absl::ascii_islower(static_cast<unsigned char>(name.front())) &&
         std::all_of(name.begin(), name.end(), allowed);
}

bool IsReservedName(std::string_view name) {
  return name == "full_day" || name == "previous" || name.starts_with("first_") ||
         name.starts_with("last_") || name.starts_with("rolling_") ||
         name.starts_with("previous_") || name.ends_with("_to_date");
}

absl::Status CheckSpec(const CalendarSpec& spec) {
  SpecFaults faults;
  CheckHeader(spec, faults);
  CheckSessions(spec, faults);
  for (size_t i = 0; i < spec.holidays.size(); ++i) {
    const std::string field = absl::StrCat("holidays[", i, "]");
    CheckDateRule(spec.holidays[i].on, field + ".on", faults);
    CheckKnown(spec.holidays[i].sessions, spec, field + ".sessions", faults);
  }
  for (size_t i = 0; i < spec.special_hours.size(); ++i) {
    const std::string field = absl::StrCat("special_hours[", i, "]");
    CheckDateRule(spec.special_hours[i].on, field + ".on", faults);
    CheckHours(spec.special_hours[i], field, faults);
    CheckKnown(spec.special_hours[i].sessions, spec, field + ".sessions", faults);
  }
  for (size_t i = 0; i < spec.special_sessions.size(); ++i) {
    CheckSpecialSession(spec.special_sessions[i], spec, absl::StrCat("special_sessions[", i, "]"),
                        faults);
  }
  CheckOnePerDate(spec, faults);
  return faults.ToStatus(spec.name);
}

}  // namespace metricstore::calendar
