// metricctl ingest: a CSV file into a dataset.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cli/core/command.h"

namespace metricstore::cli {

struct IngestOptions {
  std::string dataset;
  std::string path;
  std::string time_zone = "UTC";
  std::vector<std::string> map;  // column=header
  std::vector<std::string> set;  // column=value
  std::string null_text;
  int64_t max_rejects = 0;
  std::string retry_for = "60s";
  std::string run;
};

void AddIngestCommand(CLI::App& app, ChosenCommand& chosen);

absl::StatusOr<int> RunIngest(Invocation& invocation, const IngestOptions& options);

}  // namespace metricstore::cli
