// metricctl trend and freshness: what is stored of metrics, and how new it is.
#pragma once

#include "cli/core/command.h"

namespace metricstore::cli {

void AddTrendCommand(CLI::App& app, ChosenCommand& chosen);
void AddFreshnessCommand(CLI::App& app, ChosenCommand& chosen);

}  // namespace metricstore::cli
