// metricctl calendars: sessions, holidays, and the instants that windows show.
#pragma once

#include "cli/core/command.h"

namespace metricstore::cli {

// The whole group.
void AddCalendarCommands(CLI::App& app, ChosenCommand& chosen);

// Its parts, one function for each file that declares some.
// list, show
void AddCalendarReads(CLI::App& group, ChosenCommand& chosen);
void AddResolve(CLI::App& group, ChosenCommand& chosen);
void AddSessions(CLI::App& group, ChosenCommand& chosen);
// import, export, validate
void AddCalendarFiles(CLI::App& group, ChosenCommand& chosen);

}  // namespace metricstore::cli
