// metricctl metrics: finding, showing, changing and comparing definitions.
#pragma once

#include "cli/core/command.h"

namespace metricstore::cli {

// The whole group.
void AddMetricCommands(CLI::App& app, ChosenCommand& chosen);

// Its parts, one function for each file that declares some.
void AddMetricList(CLI::App& group, ChosenCommand& chosen);
void AddMetricShow(CLI::App& group, ChosenCommand& chosen);
// create, update
void AddMetricEdits(CLI::App& group, ChosenCommand& chosen);
// delete, undelete
void AddMetricRemovals(CLI::App& group, ChosenCommand& chosen);
// versions, promote, diff
void AddMetricVersions(CLI::App& group, ChosenCommand& chosen);
void AddMetricLineage(CLI::App& group, ChosenCommand& chosen);
// tables, synonym
void AddMetricLookups(CLI::App& group, ChosenCommand& chosen);

}  // namespace metricstore::cli
