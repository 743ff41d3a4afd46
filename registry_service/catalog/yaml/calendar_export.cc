#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/time/iso8601.h"
#include "registry_service/catalog/yaml/clock_text.h"
#include "registry_service/catalog/yaml/definition_export.h"
#include "registry_service/catalog/yaml/syntax/yaml_writer.h"

namespace metricstore::registry {
namespace {

using calendar::DateRule;

std::string NameOf(absl::Weekday day) { return WeekdayNames()[static_cast<size_t>(day)]; }

std::vector<std::string> NamesOf(const std::vector<absl::Weekday>& days) {
  std::vector<std::string> names;
  for (const absl::Weekday day : days) names.push_back(NameOf(day));
  return names;
}

constexpr size_t kDatesOnOneLine = 6;

std::vector<std::string> TextsOf(const std::vector<absl::CivilDay>& dates) {
  std::vector<std::string> texts;
  for (const absl::CivilDay date : dates) texts.push_back(FormatDate(date));
  return texts;
}

std::vector<std::vector<std::string>> YearByYear(const std::vector<absl::CivilDay>& dates) {
  std::vector<std::vector<std::string>> years;
  std::optional<absl::civil_year_t> year;
  for (const absl::CivilDay date : dates) {
    if (year != date.year()) years.emplace_back();
    year = date.year();
    years.back().push_back(FormatDate(date));
  }
  return years;
}

// Writes the keys of a rule's form.
struct RuleFormWriter {
  YamlWriter& writer;

  void WriteInt(std::string_view key, int value) { writer.Plain(key, absl::StrCat(value)); }

  void operator()(const DateRule::Dates& rule) {
    if (rule.dates.size() == 1) {
      writer.Plain("date", FormatDate(rule.dates.front()));
    } else if (rule.dates.size() <= kDatesOnOneLine) {
      writer.Lines("dates", {TextsOf(rule.dates)});
    } else {
      writer.Lines("dates", YearByYear(rule.dates));
    }
  }
  void operator()(const DateRule::MonthDay& rule) {
    WriteInt("month", rule.month);
    WriteInt("day", rule.day);
  }
  void operator()(const DateRule::NthWeekday& rule) {
    WriteInt("month", rule.month);
    writer.Plain("weekday", NameOf(rule.weekday));
    WriteInt("n", rule.n);
  }
  void operator()(const DateRule::EasterOffset& rule) { WriteInt("easter", rule.days); }
};

void WriteRule(YamlWriter& writer, const DateRule& rule) {
  RuleFormWriter form{writer};
  writer.Key("on");
  writer.BeginFlowMapping();
  std::visit(form, rule.rule);
  if (rule.observance != calendar::Observance::kNone) {
    writer.Plain("observed", ObservanceNames()[static_cast<size_t>(rule.observance) - 1]);
  }
  if (rule.offset_days != 0) form.WriteInt("offset_days", rule.offset_days);
  if (rule.first_year != 0) form.WriteInt("first_year", rule.first_year);
  if (rule.last_year != 0) form.WriteInt("last_year", rule.last_year);
  writer.Texts("only_on", NamesOf(rule.only_on));
  writer.EndMapping();
}

void WriteBreak(YamlWriter& writer, const calendar::BreakRule& pause) {
  writer.Quoted("start", FormatLocalTime(pause.start));
  writer.Quoted("end", FormatLocalTime(pause.end));
}

void WriteSession(YamlWriter& writer, const calendar::SessionRule& session) {
  writer.Text("name", session.name);
  writer.Quoted("open", FormatLocalTime(session.open));
  writer.Quoted("close", FormatLocalTime(session.close));
  writer.Mappings("breaks", session.breaks, WriteBreak);
  writer.Texts("days", NamesOf(session.days));
  if (session.first_date) writer.Plain("first_date", FormatDate(*session.first_date));
  if (session.last_date) writer.Plain("last_date", FormatDate(*session.last_date));
}

void WriteHoliday(YamlWriter& writer, const calendar::Holiday& holiday) {
  writer.Text("name", holiday.name);
  WriteRule(writer, holiday.on);
  writer.Texts("sessions", holiday.sessions);
}

void WriteSpecialSession(YamlWriter& writer, const calendar::SpecialSession& special) {
  writer.Text("name", special.name);
  WriteRule(writer, special.on);
  writer.Text("session", special.session);
  writer.Quoted("open", FormatLocalTime(special.open));
  writer.Quoted("close", FormatLocalTime(special.close));
  writer.Mappings("breaks", special.breaks, WriteBreak);
}

void WriteHours(YamlWriter& writer, const calendar::SpecialHours& hours) {
  writer.Text("name", hours.name);
  WriteRule(writer, hours.on);
  if (hours.early_close) writer.Quoted("early_close", FormatLocalTime(*hours.early_close));
  if (hours.late_open) writer.Quoted("late_open", FormatLocalTime(*hours.late_open));
  writer.Texts("sessions", hours.sessions);
}

}  // namespace

DefinitionFile ExportCalendar(const calendar::CalendarSpec& calendar) {
  YamlWriter writer;
  writer.BeginMapping();
  writer.Plain("kind", "calendar");
  writer.Text("name", calendar.name);
  writer.Text("description", calendar.description);
  writer.Text("time_zone", calendar.time_zone);
  writer.Plain("first_date", FormatDate(calendar.first_date));
  writer.Plain("last_date", FormatDate(calendar.last_date));
  if (calendar.week_start != absl::Weekday::monday) {
    writer.Plain("week_start", NameOf(calendar.week_start));
  }
  writer.Texts("open_days", NamesOf(calendar.open_days));
  writer.Mappings("sessions", calendar.sessions, WriteSession);
  writer.Mappings("holidays", calendar.holidays, WriteHoliday);
  writer.Mappings("special_hours", calendar.special_hours, WriteHours);
  writer.Mappings("special_sessions", calendar.special_sessions, WriteSpecialSession);
  writer.EndMapping();
  return {absl::StrCat("calendars/", calendar.name, ".yaml"), writer.Take()};
}

}  // namespace metricstore::registry
