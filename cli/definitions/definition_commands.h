// metricctl import, export, validate, plan and init: definitions as files.
#pragma once

#include "cli/core/command.h"

namespace metricstore::cli {

void AddImportCommand(CLI::App& app, ChosenCommand& chosen);
void AddExportCommand(CLI::App& app, ChosenCommand& chosen);
void AddValidateCommand(CLI::App& app, ChosenCommand& chosen);
void AddPlanCommand(CLI::App& app, ChosenCommand& chosen);
void AddInitCommand(CLI::App& app, ChosenCommand& chosen);

}  // namespace metricstore::cli
