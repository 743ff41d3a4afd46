// metricctl datasets, metrics and calendars: what the registry knows.
#pragma once

#include <string>

#include "cli/command.h"

namespace metricstore::cli {

struct ListOptions {
  std::string category;  // metrics only
};

struct ShowOptions {
  std::string name;
  int version = 0;  // metrics and calendars; 0: the newest or active one
};

void AddDatasetCommands(CLI::App& app, ChosenCommand& chosen);
void AddMetricCommands(CLI::App& app, ChosenCommand& chosen);
void AddCalendarCommands(CLI::App& app, ChosenCommand& chosen);

absl::StatusOr<int> ListDatasets(Invocation& invocation, const ListOptions& options);
absl::StatusOr<int> ShowDataset(Invocation& invocation, const ShowOptions& options);
absl::StatusOr<int> ListMetrics(Invocation& invocation, const ListOptions& options);
absl::StatusOr<int> ShowMetric(Invocation& invocation, const ShowOptions& options);
absl::StatusOr<int> ListCalendars(Invocation& invocation, const ListOptions& options);
absl::StatusOr<int> ShowCalendar(Invocation& invocation, const ShowOptions& options);

}  // namespace metricstore::cli
