#include "common/calendar/rule_check.h"

#include <algorithm>

#include "common/calendar/spec_check.h"

namespace metricstore::calendar {
namespace {

constexpr int32_t kDaySeconds = 86400;

void CheckForm(const DateRule::Dates& rule, const std::string& field, SpecFaults& faults) {
  const std::string dates = field + ".dates";
  if (rule.dates.empty()) faults.Add(dates, "at least one date is required");
  if (!std::all_of(rule.dates.begin(), rule.dates.end(), IsSupportedYear)) {
    faults.Add(dates, "years are 1900 to 2200");
  }
  const auto follows = [](absl::CivilDay a, absl::CivilDay b) { return a >= b; };
  const auto fault = std::adjacent_find(rule.dates.begin(), rule.dates.end(), follows);
  if (fault != rule.dates.end()) {
    faults.Add(dates, absl::StrCat("are ascending and distinct: ", absl::FormatCivilTime(fault[1]),
                                   " follows ", absl::FormatCivilTime(fault[0])));
  }
}

void CheckForm(const DateRule::MonthDay& rule, const std::string& field, SpecFaults& faults) {
  // In a leap year every day exists that ever does.
  const bool exists = rule.month >= 1 && rule.month <= 12 && rule.day >= 1 && rule.day <= 31 &&
                      absl::CivilDay(2000, rule.month, rule.day).month() == rule.month;
  if (!exists) faults.Add(field, "no year has this month and day");
}

void CheckForm(const DateRule::NthWeekday& rule, const std::string& field, SpecFaults& faults) {
  if (rule.month < 1 || rule.month > 12) faults.Add(field + ".month", "is 1 to 12");
  if (rule.n != -1 && (rule.n < 1 || rule.n > 5)) faults.Add(field + ".n", "is 1 to 5, or -1");
}

void CheckForm(const DateRule::EasterOffset& rule, const std::string& field, SpecFaults& faults) {
  // No feast lies further off: Septuagesima is -63, Sacred Heart 68.
  if (rule.days < -100 || rule.days > 100) faults.Add(field + ".easter", "is -100 to 100");
}

void CheckBreaks(const LocalTime& open, const LocalTime& close,
                 const std::vector<BreakRule>& breaks, const std::string& field,
                 SpecFaults& faults) {
  int32_t after = WallSeconds(open);
  for (size_t i = 0; i < breaks.size(); ++i) {
    const BreakRule& pause = breaks[i];
    const std::string own = absl::StrCat(field, ".breaks[", i, "]");
    CheckLocalTime(pause.start, own + ".start", faults);
    CheckLocalTime(pause.end, own + ".end", faults);
    if (WallSeconds(pause.end) <= WallSeconds(pause.start)) {
      faults.Add(own + ".end", "is not later than its start");
    }
    if (WallSeconds(pause.start) <= after) {
      faults.Add(own + ".start", i == 0 ? "is not later than the open of the session"
                                        : "is not later than the end of the break before");
    }
    if (WallSeconds(pause.end) >= WallSeconds(close)) {
      faults.Add(own + ".end", "is not earlier than the close of the session");
    }
    after = std::max(after, WallSeconds(pause.end));
  }
}

}  // namespace

bool IsSupportedYear(absl::CivilDay date) { return date.year() >= 1900 && date.year() <= 2200; }

void CheckLocalTime(const LocalTime& time, const std::string& field, SpecFaults& faults) {
  if (time.second_of_day < 0 || time.second_of_day > kDaySeconds) {
    faults.Add(field, "a local time is 00:00 to 24:00");
  }
  if (time.day_offset < -1 || time.day_offset > 1) {
    faults.Add(field, "a local time lies on the trade date, the day before or the day after");
  }
}

void CheckDateRule(const DateRule& on, const std::string& field, SpecFaults& faults) {
  std::visit([&](const auto& form) { CheckForm(form, field, faults); }, on.rule);
  if (on.observance != Observance::kNone && !std::holds_alternative<DateRule::MonthDay>(on.rule)) {
    faults.Add(field + ".observed", "is for month and day only");
  }
  if (on.offset_days < -7 || on.offset_days > 7) faults.Add(field + ".offset_days", "is -7 to 7");
  if (on.first_year != 0 && on.last_year != 0 && on.first_year > on.last_year) {
    faults.Add(field + ".last_year", "lies before first_year");
  }
}

void CheckSessionHours(const LocalTime& open, const LocalTime& close,
                       const std::vector<BreakRule>& breaks, const std::string& field,
                       SpecFaults& faults) {
  CheckLocalTime(open, field + ".open", faults);
  CheckLocalTime(close, field + ".close", faults);
  if (WallSeconds(close) <= WallSeconds(open)) {
    faults.Add(field + ".close", "is not later than open");
    return;
  }
  CheckBreaks(open, close, breaks, field, faults);
}

}  // namespace metricstore::calendar
