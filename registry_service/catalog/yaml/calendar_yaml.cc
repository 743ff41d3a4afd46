#include "registry_service/catalog/yaml/calendar_yaml.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "registry_service/catalog/definition/excerpt.h"
#include "registry_service/catalog/yaml/clock_text.h"
#include "registry_service/catalog/yaml/yaml_items.h"

namespace metricstore::registry {
namespace {

using calendar::DateRule;
using calendar::LocalTime;

absl::Weekday WeekdayNamed(const std::string& name) {
  const auto& names = WeekdayNames();
  return static_cast<absl::Weekday>(std::find(names.begin(), names.end(), name) - names.begin());
}

// The days of a list, from Monday on, each once: their order in the file means nothing.
std::vector<absl::Weekday> ReadWeekdays(YamlMapping& mapping, std::string_view key) {
  std::vector<absl::Weekday> days;
  for (const std::string& name : mapping.Choices(key, WeekdayNames())) {
    days.push_back(WeekdayNamed(name));
  }
  std::sort(days.begin(), days.end());
  if (std::adjacent_find(days.begin(), days.end()) != days.end()) {
    mapping.Invalid(key, absl::StrCat(mapping.FieldName(key), " names a day twice"));
  }
  return days;
}

std::optional<LocalTime> ReadTime(YamlMapping& mapping, std::string_view key, bool required) {
  const std::string text = required ? mapping.RequiredText(key) : mapping.Text(key);
  if (text.empty()) return std::nullopt;
  const auto time = ParseLocalTime(text);
  if (!time.has_value()) {
    mapping.Invalid(key, absl::StrCat(mapping.FieldName(key),
                                      " must be a time like \"09:30\" or \"18:00-1d\", not \"",
                                      Excerpt(text), "\""));
  }
  return time;
}

calendar::Observance ReadObservance(YamlMapping& mapping) {
  const auto name = mapping.Choice("observed", {"nearest_weekday", "sunday_to_monday"});
  if (!name.has_value()) return calendar::Observance::kNone;
  return *name == "nearest_weekday" ? calendar::Observance::kNearestWeekday
                                    : calendar::Observance::kSundayToMonday;
}

// Reads the forms of a rule's date. Exactly one must be there.
void ReadRuleForm(YamlMapping& mapping, const std::string& field, DateRule& rule) {
  const auto date = mapping.Date("date");
  const auto month = mapping.Int("month", 1, 12);
  const auto day = mapping.Int("day", 1, 31);
  const auto weekday = mapping.Choice("weekday", WeekdayNames());
  const auto n = mapping.Int("n", -1, 5);
  const auto easter = mapping.Int("easter", -100, 100);
  const bool by_day = month.has_value() && day.has_value();
  const bool by_weekday = month.has_value() && weekday.has_value() && n.has_value();
  if (n == 0) mapping.Invalid("n", "n must be 1 to 5, or -1 for the last");
  const int given = date.has_value() + month.has_value() + easter.has_value();
  if (given == 1 && date.has_value() && !day && !weekday && !n) {
    rule.rule = DateRule::Fixed{*date};
  } else if (given == 1 && easter.has_value() && !day && !weekday && !n) {
    rule.rule = DateRule::EasterOffset{*easter};
  } else if (given == 1 && by_day && !weekday && !n) {
    rule.rule = DateRule::MonthDay{*month, *day};
  } else if (given == 1 && by_weekday && !day) {
    rule.rule = DateRule::NthWeekday{*month, WeekdayNamed(*weekday), *n};
  } else {
    mapping.source().Invalid(
        mapping.line(), field,
        "`on` takes one of: date; month and day; month, weekday and n; easter");
  }
}

DateRule ReadRule(YamlMapping& parent) {
  DateRule rule;
  const YamlNode* node = parent.Take("on");
  if (node == nullptr) {
    parent.Missing("on");
    return rule;
  }
  YamlMapping mapping(*node, parent.source(), parent.FieldName("on."));
  if (node->kind == YamlNode::Kind::kMapping) ReadRuleForm(mapping, parent.FieldName("on"), rule);
  rule.observance = ReadObservance(mapping);
  if (rule.observance != calendar::Observance::kNone &&
      !std::holds_alternative<DateRule::MonthDay>(rule.rule)) {
    mapping.Invalid("observed", "observed goes with month and day only");
  }
  rule.offset_days = mapping.Int("offset_days", -7, 7).value_or(0);
  rule.first_year = mapping.Int("first_year", 1900, 2200).value_or(0);
  rule.last_year = mapping.Int("last_year", 1900, 2200).value_or(0);
  rule.only_on = ReadWeekdays(mapping, "only_on");
  mapping.Finish();
  return rule;
}

calendar::SessionRule ReadSession(YamlMapping& mapping) {
  calendar::SessionRule session;
  session.name = mapping.RequiredText("name");
  session.open = ReadTime(mapping, "open", true).value_or(LocalTime{});
  session.close = ReadTime(mapping, "close", true).value_or(LocalTime{});
  mapping.Finish();
  return session;
}

calendar::Holiday ReadHoliday(YamlMapping& mapping) {
  calendar::Holiday holiday;
  holiday.name = mapping.RequiredText("name");
  holiday.on = ReadRule(mapping);
  mapping.Finish();
  return holiday;
}

calendar::SpecialHours ReadSpecialHours(YamlMapping& mapping) {
  calendar::SpecialHours hours;
  hours.name = mapping.RequiredText("name");
  hours.on = ReadRule(mapping);
  hours.early_close = ReadTime(mapping, "early_close", false);
  hours.late_open = ReadTime(mapping, "late_open", false);
  hours.sessions = mapping.Texts("sessions");
  mapping.Finish();
  return hours;
}

}  // namespace

calendar::CalendarSpec ReadCalendar(YamlMapping& mapping) {
  calendar::CalendarSpec spec;
  spec.name = mapping.RequiredText("name");
  spec.description = mapping.RequiredText("description");
  spec.time_zone = mapping.RequiredText("time_zone");
  spec.first_date = mapping.RequiredDate("first_date").value_or(absl::CivilDay());
  spec.last_date = mapping.RequiredDate("last_date").value_or(absl::CivilDay());
  spec.open_days = ReadWeekdays(mapping, "open_days");
  spec.sessions = ReadItems(mapping, "sessions", ReadSession);
  spec.holidays = ReadItems(mapping, "holidays", ReadHoliday);
  spec.special_hours = ReadItems(mapping, "special_hours", ReadSpecialHours);
  mapping.Finish();
  return spec;
}

}  // namespace metricstore::registry
