#include "common/calendar/spec_check.h"

#include <algorithm>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/status/error.h"

namespace metricstore::calendar {
namespace {

constexpr int32_t kDaySeconds = 86400;

// Gathers violations, so that an author sees all faults at once.
class Faults {
 public:
  void Add(std::string_view field, std::string_view description) {
    violations_.push_back({std::string(field), std::string(description)});
  }

  absl::Status ToStatus(const std::string& calendar) const {
    if (violations_.empty()) return absl::OkStatus();
    const auto& first = violations_.front();
    status::ErrorBuilder error(
        absl::StatusCode::kInvalidArgument, "DEFINITION_INVALID",
        absl::StrCat("calendar \"", calendar, "\": ", first.field, ": ", first.description));
    error.Metadata("field", first.field);
    for (const auto& violation : violations_) error.Field(violation.field, violation.description);
    return error.Build();
  }

 private:
  std::vector<status::FieldViolation> violations_;
};

// IANA names only: absl would also open any file for "file:...", "/..." or the machine's own zone.
bool IsPortableZoneName(const std::string& name) {
  const auto allowed = [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '+' || c == '-' ||
           c == '/';
  };
  return !name.empty() && name.front() != '/' && name != "localtime" &&
         std::all_of(name.begin(), name.end(), allowed);
}

void CheckLocalTime(const LocalTime& time, const std::string& field, Faults& faults) {
  if (time.second_of_day < 0 || time.second_of_day > kDaySeconds) {
    faults.Add(field, "a local time is 00:00 to 24:00");
  }
  if (time.day_offset < -1 || time.day_offset > 1) {
    faults.Add(field, "a local time lies on the trade date, the day before or the day after");
  }
}

void CheckHeader(const CalendarSpec& spec, Faults& faults) {
  if (spec.name.empty()) faults.Add("name", "is required");
  absl::TimeZone zone;
  if (!IsPortableZoneName(spec.time_zone) || !absl::LoadTimeZone(spec.time_zone, &zone)) {
    faults.Add("time_zone",
               absl::StrCat("\"", spec.time_zone, "\" is not the name of an IANA time zone"));
  }
  if (spec.open_days.empty()) faults.Add("open_days", "at least one day of the week is required");
  if (spec.first_date > spec.last_date) faults.Add("last_date", "lies before first_date");
  // The years that dates may have anywhere in the project.
  if (spec.first_date.year() < 1900) faults.Add("first_date", "years are 1900 to 2200");
  if (spec.last_date.year() > 2200) faults.Add("last_date", "years are 1900 to 2200");
}

void CheckSession(const SessionRule& session, const std::string& field, Faults& faults) {
  if (!IsSessionName(session.name)) {
    faults.Add(field + ".name", "starts with a lower-case letter, then letters, digits and _");
  }
  // ParseWindowName would read these as windows.
  if (session.name == "full_day" || absl::StartsWith(session.name, "first_") ||
      absl::StartsWith(session.name, "last_")) {
    faults.Add(field + ".name", absl::StrCat("\"", session.name, "\" is the name of a window"));
  }
  CheckLocalTime(session.open, field + ".open", faults);
  CheckLocalTime(session.close, field + ".close", faults);
  if (WallSeconds(session.close) <= WallSeconds(session.open)) {
    faults.Add(field + ".close", "is not later than open");
  }
}

void CheckSessions(const CalendarSpec& spec, Faults& faults) {
  if (spec.sessions.empty()) {
    faults.Add("sessions", "at least one is required");
    return;
  }
  std::set<std::string> names;
  int32_t earliest_open = 2 * kDaySeconds;
  int32_t latest_close = -kDaySeconds;
  for (size_t i = 0; i < spec.sessions.size(); ++i) {
    const SessionRule& session = spec.sessions[i];
    const std::string field = absl::StrCat("sessions[", i, "]");
    CheckSession(session, field, faults);
    if (!names.insert(session.name).second) faults.Add(field + ".name", "is used twice");
    earliest_open = std::min(earliest_open, WallSeconds(session.open));
    latest_close = std::max(latest_close, WallSeconds(session.close));
  }
  // Else an instant would belong to two trade dates.
  if (latest_close - earliest_open > kDaySeconds) {
    faults.Add("sessions", "from the first open to the last close are more than 24 hours");
  }
}

void CheckForm(const DateRule::Fixed& rule, const std::string& field, Faults& faults) {
  if (rule.date.year() < 1900 || rule.date.year() > 2200) {
    faults.Add(field + ".date", "years are 1900 to 2200");
  }
}

void CheckForm(const DateRule::MonthDay& rule, const std::string& field, Faults& faults) {
  // In a leap year every day exists that ever does.
  const bool exists = rule.month >= 1 && rule.month <= 12 && rule.day >= 1 && rule.day <= 31 &&
                      absl::CivilDay(2000, rule.month, rule.day).month() == rule.month;
  if (!exists) faults.Add(field, "no year has this month and day");
}

void CheckForm(const DateRule::NthWeekday& rule, const std::string& field, Faults& faults) {
  if (rule.month < 1 || rule.month > 12) faults.Add(field + ".month", "is 1 to 12");
  if (rule.n != -1 && (rule.n < 1 || rule.n > 5)) faults.Add(field + ".n", "is 1 to 5, or -1");
}

void CheckForm(const DateRule::EasterOffset& rule, const std::string& field, Faults& faults) {
  // No feast lies further off: Septuagesima is -63, Sacred Heart 68.
  if (rule.days < -100 || rule.days > 100) faults.Add(field + ".easter", "is -100 to 100");
}

void CheckRule(const DateRule& on, const std::string& field, Faults& faults) {
  std::visit([&](const auto& form) { CheckForm(form, field, faults); }, on.rule);
  if (on.observance != Observance::kNone && !std::holds_alternative<DateRule::MonthDay>(on.rule)) {
    faults.Add(field + ".observed", "is for month and day only");
  }
  if (on.offset_days < -7 || on.offset_days > 7) faults.Add(field + ".offset_days", "is -7 to 7");
  if (on.first_year != 0 && on.last_year != 0 && on.first_year > on.last_year) {
    faults.Add(field + ".last_year", "lies before first_year");
  }
}

void CheckHours(const SpecialHours& hours, const CalendarSpec& spec, const std::string& field,
                Faults& faults) {
  if (!hours.early_close && !hours.late_open) {
    faults.Add(field, "early_close or late_open is required");
  }
  if (hours.early_close) CheckLocalTime(*hours.early_close, field + ".early_close", faults);
  if (hours.late_open) CheckLocalTime(*hours.late_open, field + ".late_open", faults);
  if (hours.early_close && hours.late_open &&
      WallSeconds(*hours.early_close) <= WallSeconds(*hours.late_open)) {
    faults.Add(field + ".early_close", "is not later than late_open");
  }
  for (const std::string& name : hours.sessions) {
    const bool known = std::any_of(spec.sessions.begin(), spec.sessions.end(),
                                   [&](const SessionRule& s) { return s.name == name; });
    if (!known) faults.Add(field + ".sessions", absl::StrCat("no session is named \"", name, "\""));
  }
}

}  // namespace

bool IsSessionName(std::string_view name) {
  const auto allowed = [](char c) {
    return absl::ascii_islower(static_cast<unsigned char>(c)) ||
           absl::ascii_isdigit(static_cast<unsigned char>(c)) || c == '_';
  };
  return !name.empty() && absl::ascii_islower(static_cast<unsigned char>(name.front())) &&
         std::all_of(name.begin(), name.end(), allowed);
}

absl::Status CheckSpec(const CalendarSpec& spec) {
  Faults faults;
  CheckHeader(spec, faults);
  CheckSessions(spec, faults);
  for (size_t i = 0; i < spec.holidays.size(); ++i) {
    CheckRule(spec.holidays[i].on, absl::StrCat("holidays[", i, "].on"), faults);
  }
  for (size_t i = 0; i < spec.special_hours.size(); ++i) {
    const std::string field = absl::StrCat("special_hours[", i, "]");
    CheckRule(spec.special_hours[i].on, field + ".on", faults);
    CheckHours(spec.special_hours[i], spec, field, faults);
  }
  return faults.ToStatus(spec.name);
}

}  // namespace metricstore::calendar
