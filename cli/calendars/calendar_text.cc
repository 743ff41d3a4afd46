#include "cli/calendars/calendar_text.h"

#include <algorithm>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "cli/messages/proto_text.h"
#include "cli/output/concat.h"
#include "cli/output/number_text.h"

namespace metricstore::cli {
namespace {

using registry::v1::DateRule;
using registry::v1::Weekday;

std::string ShortName(int weekday) {
  return EnumText(static_cast<Weekday>(weekday), "WEEKDAY_").substr(0, 3);
}

std::string LongName(int weekday) {
  std::string name = EnumText(static_cast<Weekday>(weekday), "WEEKDAY_");
  name.front() = static_cast<char>(name.front() - 'a' + 'A');
  return name;
}

std::string MonthName(int month) {
  constexpr std::string_view kNames[] = {"January",   "February", "March",    "April",
                                         "May",       "June",     "July",     "August",
                                         "September", "October",  "November", "December"};
  return month >= 1 && month <= 12 ? std::string(kNames[month - 1]) : Concat("month ", month);
}

std::string PlaceName(int n) {
  constexpr std::string_view kNames[] = {"first", "second", "third", "fourth", "fifth"};
  if (n == -1) return "last";
  return n >= 1 && n <= 5 ? std::string(kNames[n - 1]) : Concat(n, ".");
}

// "2 days before", "1 day after".
std::string AwayText(int days, std::string_view from) {
  return Concat(FormatCountOf(std::abs(days), "day"), days < 0 ? " before " : " after ", from);
}

std::string DatesText(const google::protobuf::RepeatedPtrField<std::string>& dates, bool all) {
  constexpr int kNamed = 3;
  if (all || dates.size() <= kNamed) return absl::StrJoin(dates, ", ");
  return Concat(FormatCountOf(dates.size(), "date"), ", ", dates[0], " to ",
                dates[dates.size() - 1]);
}

std::string FormText(const DateRule& rule, bool all) {
  switch (rule.rule_case()) {
    case DateRule::kDate:
      return rule.date();
    case DateRule::kDates:
      return DatesText(rule.dates().dates(), all);
    case DateRule::kMonthDay:
      return Concat(rule.month_day().day(), " ", MonthName(rule.month_day().month()));
    case DateRule::kNthWeekday: {
      const auto& nth = rule.nth_weekday();
      return Concat(PlaceName(nth.n()), " ", LongName(nth.weekday()), " of ",
                    MonthName(nth.month()));
    }
    case DateRule::kEasterOffsetDays:
      if (rule.easter_offset_days() == 0) return "Easter Sunday";
      return AwayText(rule.easter_offset_days(), "Easter Sunday");
    case DateRule::RULE_NOT_SET:
      break;
  }
  return "";
}

std::string_view ObservanceText(registry::v1::Observance observance) {
  switch (observance) {
    case registry::v1::OBSERVANCE_NEAREST_WEEKDAY:
      return ", observed on the nearest weekday";
    case registry::v1::OBSERVANCE_SUNDAY_TO_MONDAY:
      return ", a Sunday's on Monday";
    case registry::v1::OBSERVANCE_WEEKEND_TO_MONDAY:
      return ", a weekend's on Monday";
    case registry::v1::OBSERVANCE_WEEKEND_TO_FRIDAY:
      return ", a weekend's on Friday";
    default:
      return "";
  }
}

std::string YearsText(int first, int last) {
  if (first != 0 && first == last) return Concat(", in ", first);
  return Concat(first != 0 ? Concat(", from ", first) : "",
                last != 0 ? Concat(first != 0 ? " to " : ", to ", last) : "");
}

}  // namespace

std::string LocalTimeText(const registry::v1::LocalTime& time) {
  const int second = time.second_of_day();
  std::string text = absl::StrFormat("%02d:%02d", second / 3600, second / 60 % 60);
  if (second % 60 != 0) text += absl::StrFormat(":%02d", second % 60);
  if (time.day_offset() != 0) text += absl::StrFormat("%+dd", time.day_offset());
  return text;
}

std::string BreaksText(const google::protobuf::RepeatedPtrField<registry::v1::Break>& breaks) {
  return absl::StrJoin(breaks, " ", [](std::string* out, const registry::v1::Break& pause) {
    out->append(Concat(LocalTimeText(pause.start()), "-", LocalTimeText(pause.end())));
  });
}

std::string WeekdaysText(const google::protobuf::RepeatedField<int>& weekdays) {
  std::vector<int> days(weekdays.begin(), weekdays.end());
  std::sort(days.begin(), days.end());
  std::vector<std::string> runs;
  for (size_t first = 0; first < days.size();) {
    size_t end = first + 1;
    while (end < days.size() && days[end] == days[end - 1] + 1) ++end;
    if (end - first >= 3) {
      runs.push_back(Concat(ShortName(days[first]), "-", ShortName(days[end - 1])));
    } else {
      for (size_t i = first; i < end; ++i) runs.push_back(ShortName(days[i]));
    }
    first = end;
  }
  return absl::StrJoin(runs, " ");
}

std::string RuleText(const DateRule& rule, bool all) {
  std::string text = FormText(rule, all);
  text += ObservanceText(rule.observance());
  if (rule.offset_days() != 0) text = AwayText(rule.offset_days(), text);
  if (rule.only_on_size() > 0) text += Concat(", only on ", WeekdaysText(rule.only_on()));
  return text + YearsText(rule.first_year(), rule.last_year());
}

}  // namespace metricstore::cli
