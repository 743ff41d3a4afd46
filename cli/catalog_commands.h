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

absl::StatusOr<int> ListDatasets(Session& session, const ListOptions& options);
absl::StatusOr<int> ShowDataset(Session& session, const ShowOptions& options);
absl::StatusOr<int> ListMetrics(Session& session, const ListOptions& options);
absl::StatusOr<int> ShowMetric(Session& session, const ShowOptions& options);
absl::StatusOr<int> ListCalendars(Session& session, const ListOptions& options);
absl::StatusOr<int> ShowCalendar(Session& session, const ShowOptions& options);

}  // namespace metricstore::cli
