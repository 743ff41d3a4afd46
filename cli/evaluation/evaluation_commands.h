// metricctl evaluate and explain: values of metrics as compute evaluates them now, without storing.
#pragma once

#include <string>
#include <vector>

#include "cli/core/command.h"

namespace metricstore::cli {

struct EvaluateOptions {
  std::vector<std::string> metrics;  // names, or files of definitions
  std::vector<std::string> entities;
  std::string from;
  std::string to;
  std::string grain;  // empty: each metric's own
  std::string timeout = "10m";
};

struct ExplainOptions {
  std::string metric;  // a name, or a file of definitions
  std::string chosen;  // which metric of a file with several
  std::string entity;
  std::string date;
  std::string grain;  // empty: the metric's own
  std::string hour;   // empty: the first of the date that has a point
  int rows = 0;
};

void AddEvaluateCommand(CLI::App& app, ChosenCommand& chosen);
void AddExplainCommand(CLI::App& app, ChosenCommand& chosen);

absl::StatusOr<int> RunEvaluate(Invocation& invocation, const EvaluateOptions& options);
absl::StatusOr<int> RunExplain(Invocation& invocation, const ExplainOptions& options);

}  // namespace metricstore::cli
