#include "cli/calendars/calendar_commands.h"

namespace metricstore::cli {

void AddCalendarCommands(CLI::App& app, ChosenCommand& chosen) {
  CLI::App* group =
      AddGroup(app, "calendars", "Trading and business calendars, and what windows show of them");
  AddCalendarReads(*group, chosen);
  AddResolve(*group, chosen);
  AddSessions(*group, chosen);
  AddCalendarFiles(*group, chosen);
}

}  // namespace metricstore::cli
