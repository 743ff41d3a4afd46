// metricctl datasets, columns and calendars: the ground that metrics stand on.
#pragma once

#include "cli/core/command.h"

namespace metricstore::cli {

void AddDatasetCommands(CLI::App& app, ChosenCommand& chosen);
void AddColumnCommands(CLI::App& app, ChosenCommand& chosen);
void AddCalendarCommands(CLI::App& app, ChosenCommand& chosen);

}  // namespace metricstore::cli
