// metricctl datasets and columns: the tables that metrics read.
#pragma once

#include "cli/core/command.h"

namespace metricstore::cli {

void AddDatasetCommands(CLI::App& app, ChosenCommand& chosen);
void AddColumnCommands(CLI::App& app, ChosenCommand& chosen);

}  // namespace metricstore::cli
