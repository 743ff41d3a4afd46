#include "common/calendar/date_rule.h"

#include <algorithm>

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

std::vector<absl::CivilDay> BaseDates(const DateRule::Dates& rule, int year) {
  const auto first = std::lower_bound(rule.dates.begin(), rule.dates.end(), absl::CivilYear(year));
  const auto end = std::lower_bound(first, rule.dates.end(), absl::CivilYear(year + 1));
  return {first, end};
}

// None for February 29 of a common year.
std::vector<absl::CivilDay> BaseDates(const DateRule::MonthDay& rule, int year) {
  const absl::CivilDay date(year, rule.month, rule.day);
  if (date.month() != rule.month) return {};
  return {date};
}

// None for a fifth weekday that the month has not.
std::vector<absl::CivilDay> BaseDates(const DateRule::NthWeekday& rule, int year) {
  const absl::CivilMonth month(year, rule.month);
  if (rule.n < 0) return {absl::PrevWeekday(absl::CivilDay(month + 1), rule.weekday)};
  const absl::CivilDay first = absl::NextWeekday(absl::CivilDay(month) - 1, rule.weekday);
  const absl::CivilDay date = first + absl::civil_diff_t{7} * (rule.n - 1);
  if (absl::CivilMonth(date) != month) return {};
  return {date};
}

std::vector<absl::CivilDay> BaseDates(const DateRule::EasterOffset& rule, int year) {
  return {EasterSunday(year) + rule.days};
}

absl::CivilDay Observed(absl::CivilDay date, Observance observance) {
  const absl::Weekday weekday = absl::GetWeekday(date);
  const bool saturday = weekday == absl::Weekday::saturday;
  if (!saturday && weekday != absl::Weekday::sunday) return date;
  const absl::CivilDay friday = date - (saturday ? 1 : 2);
  const absl::CivilDay monday = friday + 3;
  switch (observance) {
    case Observance::kNone:
      break;
    case Observance::kNearestWeekday:
      return saturday ? friday : monday;
    case Observance::kSundayToMonday:
      return saturday ? date : monday;
    case Observance::kWeekendToMonday:
      return monday;
    case Observance::kWeekendToFriday:
      return friday;
  }
  return date;
}

}  // namespace

std::vector<absl::CivilDay> DateRule::DatesIn(int year) const {
  if (first_year != 0 && year < first_year) return {};
  if (last_year != 0 && year > last_year) return {};
  std::vector<absl::CivilDay> dates =
      std::visit([year](const auto& form) { return BaseDates(form, year); }, rule);
  for (absl::CivilDay& date : dates) date = Observed(date, observance) + offset_days;
  std::erase_if(dates, [this](absl::CivilDay date) {
    return !only_on.empty() &&
           std::find(only_on.begin(), only_on.end(), absl::GetWeekday(date)) == only_on.end();
  });
  return dates;
}

std::vector<absl::CivilDay> DateRule::DatesWithin(absl::CivilDay first, absl::CivilDay last) const {
  std::vector<absl::CivilDay> within;
  const int end = static_cast<int>(last.year()) + 1;
  for (int year = static_cast<int>(first.year()) - 1; year <= end; ++year) {
    for (const absl::CivilDay date : DatesIn(year)) {
      if (date >= first && date <= last) within.push_back(date);
    }
  }
  return within;
}

}  // namespace metricstore::calendar
