#include "registry_service/catalog/yaml/calendar_yaml.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "registry_service/catalog/definition/excerpt.h"
#include "registry_service/catalog/yaml/clock_text.h"
#include "registry_service/catalog/yaml/date_rule_yaml.h"
#include "registry_service/catalog/yaml/syntax/yaml_items.h"

namespace metricstore::registry {
namespace {

using calendar::LocalTime;

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

calendar::BreakRule ReadBreak(YamlMapping& mapping) {
  calendar::BreakRule pause;
  pause.start = ReadTime(mapping, "start", true).value_or(LocalTime{});
  pause.end = ReadTime(mapping, "end", true).value_or(LocalTime{});
  mapping.Finish();
  return pause;
}

calendar::SessionRule ReadSession(YamlMapping& mapping) {
  calendar::SessionRule session;
  session.name = mapping.RequiredText("name");
  session.open = ReadTime(mapping, "open", true).value_or(LocalTime{});
  session.close = ReadTime(mapping, "close", true).value_or(LocalTime{});
  session.breaks = ReadItems(mapping, "breaks", ReadBreak);
  session.days = ReadWeekdays(mapping, "days");
  session.first_date = mapping.Date("first_date");
  session.last_date = mapping.Date("last_date");
  mapping.Finish();
  return session;
}

calendar::Holiday ReadHoliday(YamlMapping& mapping) {
  calendar::Holiday holiday;
  holiday.name = mapping.RequiredText("name");
  holiday.on = ReadDateRule(mapping);
  holiday.sessions = mapping.Texts("sessions");
  mapping.Finish();
  return holiday;
}

calendar::SpecialHours ReadSpecialHours(YamlMapping& mapping) {
  calendar::SpecialHours hours;
  hours.name = mapping.RequiredText("name");
  hours.on = ReadDateRule(mapping);
  hours.early_close = ReadTime(mapping, "early_close", false);
  hours.late_open = ReadTime(mapping, "late_open", false);
  hours.sessions = mapping.Texts("sessions");
  mapping.Finish();
  return hours;
}

calendar::SpecialSession ReadSpecialSession(YamlMapping& mapping) {
  calendar::SpecialSession special;
  special.name = mapping.RequiredText("name");
  special.on = ReadDateRule(mapping);
  special.session = mapping.RequiredText("session");
  special.open = ReadTime(mapping, "open", true).value_or(LocalTime{});
  special.close = ReadTime(mapping, "close", true).value_or(LocalTime{});
  special.breaks = ReadItems(mapping, "breaks", ReadBreak);
  mapping.Finish();
  return special;
}

}  // namespace

calendar::CalendarSpec ReadCalendar(YamlMapping& mapping) {
  calendar::CalendarSpec spec;
  spec.name = mapping.RequiredText("name");
  spec.description = mapping.RequiredText("description");
  spec.time_zone = mapping.RequiredText("time_zone");
  spec.first_date = mapping.RequiredDate("first_date").value_or(absl::CivilDay());
  spec.last_date = mapping.RequiredDate("last_date").value_or(absl::CivilDay());
  if (const auto day = mapping.Choice("week_start", WeekdayNames()); day.has_value()) {
    spec.week_start = WeekdayNamed(*day);
  }
  spec.open_days = ReadWeekdays(mapping, "open_days");
  spec.sessions = ReadItems(mapping, "sessions", ReadSession);
  spec.holidays = ReadItems(mapping, "holidays", ReadHoliday);
  spec.special_hours = ReadItems(mapping, "special_hours", ReadSpecialHours);
  spec.special_sessions = ReadItems(mapping, "special_sessions", ReadSpecialSession);
  mapping.Finish();
  return spec;
}

}  // namespace metricstore::registry
