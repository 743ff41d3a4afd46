#include <algorithm>

#include "common/calendar/calendar.h"

namespace metricstore::calendar {
namespace {

// Western Easter Sunday by the anonymous Gregorian algorithm (Meeus, Astronomical Algorithms,
// chapter 8); the letters are the book's.
absl::CivilDay EasterSunday(int year) {
  const int a = year % 19;
  const int b = year / 100;
  const int c = year % 100;
  const int d = b / 4;
  const int e = b % 4;
  const int f = (b + 8) / 25;
  const int g = (b - f + 1) / 3;
  const int h = (19 * a + b - d - g + 15) % 30;
  const int i = c / 4;
  const int k = c % 4;
  const int l = (32 + 2 * e + 2 * i - h - k) % 7;
  const int m = (a + 11 * h + 22 * l) / 451;
  const int month_and_day = h + l - 7 * m + 114;
  return absl::CivilDay(year, month_and_day / 31, month_and_day % 31 + 1);
}

std::optional<absl::CivilDay> BaseDate(const DateRule::Fixed& rule, int year) {
  if (rule.date.year() != year) return std::nullopt;
  return rule.date;
}

// None for February 29 of a common year.
std::optional<absl::CivilDay> BaseDate(const DateRule::MonthDay& rule, int year) {
  const absl::CivilDay date(year, rule.month, rule.day);
  if (date.month() != rule.month) return std::nullopt;
  return date;
}

// None for a fifth weekday that the month has not.
std::optional<absl::CivilDay> BaseDate(const DateRule::NthWeekday& rule, int year) {
  const absl::CivilMonth month(year, rule.month);
  if (rule.n < 0) return absl::PrevWeekday(absl::CivilDay(month + 1), rule.weekday);
  const absl::CivilDay first = absl::NextWeekday(absl::CivilDay(month) - 1, rule.weekday);
  const absl::CivilDay date = first + absl::civil_diff_t{7} * (rule.n - 1);
  if (absl::CivilMonth(date) != month) return std::nullopt;
  return date;
}

std::optional<absl::CivilDay> BaseDate(const DateRule::EasterOffset& rule, int year) {
  return EasterSunday(year) + rule.days;
}

absl::CivilDay Observed(absl::CivilDay date, Observance observance) {
  const absl::Weekday weekday = absl::GetWeekday(date);
  if (observance == Observance::kNone) return date;
  if (weekday == absl::Weekday::sunday) return date + 1;
  if (weekday == absl::Weekday::saturday && observance == Observance::kNearestWeekday) {
    return date - 1;
  }
  return date;
}

}  // namespace

std::optional<absl::CivilDay> DateRule::DateIn(int year) const {
  if (first_year != 0 && year < first_year) return std::nullopt;
  if (last_year != 0 && year > last_year) return std::nullopt;
  const auto base = std::visit([year](const auto& form) { return BaseDate(form, year); }, rule);
  if (!base) return std::nullopt;
  const absl::CivilDay date = Observed(*base, observance) + offset_days;
  const bool wanted = only_on.empty() || std::find(only_on.begin(), only_on.end(),
                                                   absl::GetWeekday(date)) != only_on.end();
  if (!wanted) return std::nullopt;
  return date;
}

}  // namespace metricstore::calendar
