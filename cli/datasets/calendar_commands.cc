#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "cli/core/option_values.h"
#include "cli/core/resource_printer.h"
#include "cli/datasets/dataset_commands.h"
#include "cli/output/concat.h"
#include "cli/output/error_printer.h"
#include "cli/output/table_printer.h"
#include "metricstore/registry/v1/dataset_service.grpc.pb.h"

namespace metricstore::cli {
namespace {

using registry::v1::Calendar;
using registry::v1::DatasetService;
using registry::v1::DateRule;
using registry::v1::LocalTime;

struct CalendarListOptions {};

struct CalendarShowOptions {
  std::string name;
  int version = 0;
};

// "09:30", "18:00-1d".
std::string LocalTimeText(const LocalTime& time) {
  const int second = time.second_of_day();
  std::string text = absl::StrFormat("%02d:%02d", second / 3600, second / 60 % 60);
  if (second % 60 != 0) text += absl::StrFormat(":%02d", second % 60);
  if (time.day_offset() != 0) text += absl::StrFormat("%+dd", time.day_offset());
  return text;
}

std::string WeekdayText(int weekday) {
  return EnumText(static_cast<registry::v1::Weekday>(weekday), "WEEKDAY_").substr(0, 3);
}

std::string WeekdaysText(const google::protobuf::RepeatedField<int>& weekdays) {
  std::vector<std::string> names;
  for (const int weekday : weekdays) names.push_back(WeekdayText(weekday));
  return absl::StrJoin(names, " ");
}

std::string RuleText(const DateRule& rule) {
  switch (rule.rule_case()) {
    case DateRule::kDate:
      return rule.date();
    case DateRule::kMonthDay:
      return absl::StrFormat("%02d-%02d", rule.month_day().month(), rule.month_day().day());
    case DateRule::kNthWeekday: {
      const auto& nth = rule.nth_weekday();
      const std::string place = nth.n() < 0 ? "last" : Concat(nth.n(), ".");
      return Concat(place, " ", WeekdayText(nth.weekday()), " of month ", nth.month());
    }
    case DateRule::kEasterOffsetDays:
      return absl::StrFormat("Easter %+d days", rule.easter_offset_days());
    case DateRule::RULE_NOT_SET:
      return "";
  }
  return "";
}

// The rule with what bends it.
std::string FullRuleText(const DateRule& rule) {
  std::string text = RuleText(rule);
  if (rule.offset_days() != 0) text += absl::StrFormat(" %+d days", rule.offset_days());
  if (rule.observance() != registry::v1::OBSERVANCE_UNSPECIFIED) {
    text += Concat(" (", EnumText(rule.observance(), "OBSERVANCE_"), ")");
  }
  if (rule.only_on_size() > 0) text += Concat(" only on ", WeekdaysText(rule.only_on()));
  if (rule.first_year() != 0) text += Concat(" from ", rule.first_year());
  if (rule.last_year() != 0) text += Concat(" until ", rule.last_year());
  return text;
}

// Sessions, holidays and special hours in one table.
Table RuleTable(const Calendar& calendar) {
  Table table{{{"kind"}, {"name"}, {"on"}, {"open"}, {"close"}}, {}};
  for (const auto& session : calendar.sessions()) {
    table.rows.push_back({"session", session.name(), WeekdaysText(calendar.open_days()),
                          LocalTimeText(session.open()), LocalTimeText(session.close())});
  }
  for (const auto& holiday : calendar.holidays()) {
    table.rows.push_back({"holiday", holiday.name(), FullRuleText(holiday.on()), "", ""});
  }
  for (const auto& hours : calendar.special_hours()) {
    table.rows.push_back({"special", hours.name(), FullRuleText(hours.on()),
                          hours.has_late_open() ? LocalTimeText(hours.late_open()) : "",
                          hours.has_early_close() ? LocalTimeText(hours.early_close()) : ""});
  }
  return table;
}

absl::StatusOr<int> ListCalendars(Invocation& invocation, const CalendarListOptions& /*options*/) {
  return PrintList(
      invocation, &DatasetService::Stub::ListCalendars, registry::v1::ListCalendarsRequest(),
      {{"name"},
       {"version", true},
       {"time_zone"},
       {"sessions"},
       {"first_date"},
       {"last_date"},
       {"description"}},
      [](const auto& page) -> const auto& { return page.calendars(); },
      [](const Calendar& calendar) -> std::vector<std::string> {
        std::vector<std::string> sessions;
        for (const auto& rule : calendar.sessions()) sessions.push_back(rule.name());
        return {calendar.name(),       std::to_string(calendar.version()),
                calendar.time_zone(),  absl::StrJoin(sessions, " "),
                calendar.first_date(), calendar.last_date(),
                calendar.description()};
      });
}

absl::StatusOr<int> ShowCalendar(Invocation& invocation, const CalendarShowOptions& options) {
  registry::v1::GetCalendarRequest request;
  request.set_project(invocation.connection.project());
  request.set_name(options.name);
  request.set_version(options.version);
  ASSIGN_OR_RETURN(
      const auto response,
      invocation.connection.Call(Peer::kRegistry, &DatasetService::Stub::GetCalendar, request));
  const Calendar& calendar = response.calendar();
  PrintResource(
      invocation, calendar,
      {.sections = {{"",
                     {{"name", calendar.name()},
                      {"version", std::to_string(calendar.version())},
                      {"description", calendar.description()},
                      {"time_zone", calendar.time_zone()},
                      {"dates", Concat(calendar.first_date(), " to ", calendar.last_date())}}}},
       .parts = RuleTable(calendar)});
  return kExitOk;
}

}  // namespace

void AddCalendarCommands(CLI::App& app, ChosenCommand& chosen) {
  CLI::App* group = AddGroup(app, "calendars", "Show the trading and business calendars");
  const auto [list, list_options] =
      AddCommand(*group, chosen, "list", "List all calendars", &ListCalendars);
  list->footer(
      "Examples:\n"
      "  metricctl calendars list\n"
      "  metricctl calendars list -o csv");
  const auto [show, options] =
      AddCommand(*group, chosen, "show", "Show a calendar's sessions and holidays", &ShowCalendar);
  show->add_option("NAME", options->name, "The calendar's name")->required();
  WholeNumber(show->add_option("--version,--calendar-version", options->version,
                               "A version; default: the newest"));
  show->footer(
      "Examples:\n"
      "  metricctl calendars show XNYS\n"
      "  metricctl calendars show XNYS -o json");
}

}  // namespace metricstore::cli
