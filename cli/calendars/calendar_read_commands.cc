#include <algorithm>
#include <utility>

#include "absl/strings/str_join.h"
#include "cli/calendars/calendar_commands.h"
#include "cli/calendars/calendar_text.h"
#include "cli/core/option_values.h"
#include "cli/core/resource_printer.h"
#include "cli/definitions/definition_commands.h"
#include "cli/output/concat.h"
#include "cli/output/error_printer.h"
#include "cli/output/table_printer.h"
#include "metricstore/registry/v1/dataset_service.grpc.pb.h"

namespace metricstore::cli {
namespace {

using registry::v1::Calendar;
using registry::v1::DatasetService;

constexpr char kCalendarFolder[] = "calendars/";

struct CalendarListOptions {};

struct CalendarShowOptions {
  std::string name;
  int version = 0;
};

// Several sessions share a name where hours changed for good.
std::string SessionNames(const Calendar& calendar) {
  std::vector<std::string> names;
  for (const auto& session : calendar.sessions()) {
    if (std::find(names.begin(), names.end(), session.name()) == names.end()) {
      names.push_back(session.name());
    }
  }
  return absl::StrJoin(names, " ");
}

std::string EffectText(const registry::v1::Session& session) {
  return Concat(session.first_date().empty() ? "" : "from " + session.first_date(),
                session.first_date().empty() || session.last_date().empty() ? "" : " ",
                session.last_date().empty() ? "" : "to " + session.last_date());
}

const google::protobuf::RepeatedField<int>& DaysOf(const Calendar& calendar,
                                                   const registry::v1::Session& session) {
  return session.days().empty() ? calendar.open_days() : session.days();
}

// Everything in one table, for programs; new columns come at the end.
Table RuleTable(const Calendar& calendar) {
  Table table{{{"kind"},
               {"name"},
               {"on"},
               {"open"},
               {"close"},
               {"breaks"},
               {"sessions"},
               {"first_date"},
               {"last_date"}},
              {}};
  for (const auto& session : calendar.sessions()) {
    table.rows.push_back({"session", session.name(), WeekdaysText(DaysOf(calendar, session)),
                          LocalTimeText(session.open()), LocalTimeText(session.close()),
                          BreaksText(session.breaks()), "", session.first_date(),
                          session.last_date()});
  }
  for (const auto& holiday : calendar.holidays()) {
    table.rows.push_back({"holiday", holiday.name(), RuleText(holiday.on(), true), "", "", "",
                          absl::StrJoin(holiday.sessions(), " "), "", ""});
  }
  for (const auto& hours : calendar.special_hours()) {
    table.rows.push_back({"special", hours.name(), RuleText(hours.on(), true),
                          hours.has_late_open() ? LocalTimeText(hours.late_open()) : "",
                          hours.has_early_close() ? LocalTimeText(hours.early_close()) : "", "",
                          absl::StrJoin(hours.sessions(), " "), "", ""});
  }
  for (const auto& session : calendar.special_sessions()) {
    table.rows.push_back({"special_session", session.name(), RuleText(session.on(), true),
                          LocalTimeText(session.open()), LocalTimeText(session.close()),
                          BreaksText(session.breaks()), session.session(), "", ""});
  }
  return table;
}

Table SessionTable(const Calendar& calendar) {
  Table table{{{"session"}, {"open"}, {"close"}, {"breaks"}, {"days"}, {"in_effect"}}, {}};
  for (const auto& session : calendar.sessions()) {
    table.rows.push_back({session.name(), LocalTimeText(session.open()),
                          LocalTimeText(session.close()), BreaksText(session.breaks()),
                          WeekdaysText(DaysOf(calendar, session)), EffectText(session)});
  }
  return table;
}

Table HolidayTable(const Calendar& calendar) {
  Table table{{{"holiday"}, {"on"}, {"sessions"}}, {}};
  for (const auto& holiday : calendar.holidays()) {
    table.rows.push_back(
        {holiday.name(), RuleText(holiday.on(), false),
         holiday.sessions().empty() ? "all" : absl::StrJoin(holiday.sessions(), " ")});
  }
  return table;
}

Table SpecialHoursTable(const Calendar& calendar) {
  Table table{{{"special_hours"}, {"on"}, {"opens"}, {"closes"}, {"sessions"}}, {}};
  for (const auto& hours : calendar.special_hours()) {
    table.rows.push_back({hours.name(), RuleText(hours.on(), false),
                          hours.has_late_open() ? LocalTimeText(hours.late_open()) : "",
                          hours.has_early_close() ? LocalTimeText(hours.early_close()) : "",
                          hours.sessions().empty() ? "all" : absl::StrJoin(hours.sessions(), " ")});
  }
  return table;
}

Table SpecialSessionTable(const Calendar& calendar) {
  Table table{{{"special_session"}, {"on"}, {"session"}, {"open"}, {"close"}, {"breaks"}}, {}};
  for (const auto& session : calendar.special_sessions()) {
    table.rows.push_back({session.name(), RuleText(session.on(), false), session.session(),
                          LocalTimeText(session.open()), LocalTimeText(session.close()),
                          BreaksText(session.breaks())});
  }
  return table;
}

Fields CalendarFields(const Calendar& calendar) {
  const bool monday = calendar.week_start() == registry::v1::WEEKDAY_UNSPECIFIED;
  return {{"name", calendar.name()},
          {"version", std::to_string(calendar.version())},
          {"description", calendar.description()},
          {"time zone", calendar.time_zone()},
          {"dates", Concat(calendar.first_date(), " to ", calendar.last_date())},
          {"open days", WeekdaysText(calendar.open_days())},
          {"weeks from", monday ? "monday" : EnumText(calendar.week_start(), "WEEKDAY_")},
          {"stored", TimeText(calendar.has_create_time(), calendar.create_time())}};
}

void PrintCalendar(const Calendar& calendar, std::ostream& out) {
  PrintFields(CalendarFields(calendar), out);
  for (const Table& table : {SessionTable(calendar), HolidayTable(calendar),
                             SpecialHoursTable(calendar), SpecialSessionTable(calendar)}) {
    if (table.rows.empty()) continue;
    out << '\n';
    PrintTable(table, OutputFormat::kTable, out);
  }
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
        return {calendar.name(),       std::to_string(calendar.version()),
                calendar.time_zone(),  SessionNames(calendar),
                calendar.first_date(), calendar.last_date(),
                calendar.description()};
      });
}

absl::StatusOr<Calendar> GetCalendar(Invocation& invocation, const std::string& name, int version) {
  registry::v1::GetCalendarRequest request;
  request.set_project(invocation.connection.project());
  request.set_name(name);
  request.set_version(version);
  ASSIGN_OR_RETURN(
      auto response,
      invocation.connection.Call(Peer::kRegistry, &DatasetService::Stub::GetCalendar, request));
  return std::move(*response.mutable_calendar());
}

// The file that an export would write, which is of the newest version.
absl::StatusOr<int> PrintYaml(Invocation& invocation, const CalendarShowOptions& options) {
  ASSIGN_OR_RETURN(const Calendar newest, GetCalendar(invocation, options.name, 0));
  if (options.version != 0 && options.version != newest.version()) {
    return WithHint(UsageError(Concat("-o yaml prints the newest version, which is ",
                                      newest.version(), ", not version ", options.version)),
                    "-o json prints every version");
  }
  ASSIGN_OR_RETURN(const auto files,
                   FetchDefinitions(invocation, {.filter = "name = \"-\"",  // no metric
                                                 .only_below = kCalendarFolder,
                                                 .names = {options.name}}));
  for (const OutputFile& file : files) invocation.terminal.out << file.content;
  return kExitOk;
}

absl::StatusOr<int> ShowCalendar(Invocation& invocation, const CalendarShowOptions& options) {
  if (invocation.yaml) return PrintYaml(invocation, options);
  ASSIGN_OR_RETURN(const Calendar calendar, GetCalendar(invocation, options.name, options.version));
  if (invocation.format == OutputFormat::kTable) {
    PrintCalendar(calendar, invocation.terminal.out);
  } else {
    PrintResource(invocation, calendar, {.sections = {}, .parts = RuleTable(calendar), .csv = {}});
  }
  return kExitOk;
}

}  // namespace

void AddCalendarReads(CLI::App& group, ChosenCommand& chosen) {
  const auto [list, list_options] = AddCommand(
      group, chosen, "list", "List all calendars in their newest version", &ListCalendars);
  list->footer(
      "Examples:\n"
      "  metricctl calendars list\n"
      "  metricctl calendars list -o csv");
  const auto [show, options] =
      AddCommand(group, chosen, "show", "Show a calendar's sessions and rules", &ShowCalendar);
  show->add_option("NAME", options->name, "The calendar's name")->required();
  WholeNumber(show->add_option("--version,--calendar-version", options->version,
                               "A version; default: the newest"));
  chosen.print_yaml.push_back(show);
  show->footer(
      "-o yaml prints the file that defines it, which calendars import reads.\n\n"
      "Examples:\n"
      "  metricctl calendars show XNYS\n"
      "  metricctl calendars show XNYS --version 1 -o json\n"
      "  metricctl calendars show XNYS -o yaml > XNYS.yaml");
}

}  // namespace metricstore::cli
