#include "cli/catalog/metric_commands.h"

namespace metricstore::cli {

void AddMetricCommands(CLI::App& app, ChosenCommand& chosen) {
  CLI::App* group = AddGroup(app, "metrics", "Find, show, change and compare metric definitions");
  AddMetricList(*group, chosen);
  AddMetricShow(*group, chosen);
  AddMetricEdits(*group, chosen);
  AddMetricRemovals(*group, chosen);
  AddMetricVersions(*group, chosen);
  AddMetricLineage(*group, chosen);
  AddMetricLookups(*group, chosen);
}

}  // namespace metricstore::cli
