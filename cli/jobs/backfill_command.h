// metricctl backfill and backfills: computing metrics over a range of dates.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cli/core/command.h"

namespace metricstore::cli {

struct BackfillOptions {
  std::vector<std::string> metrics;
  std::vector<std::string> entities;
  std::string from;
  std::string to;
  std::vector<std::string> grains;
  bool detach = false;
  bool latest = false;  // the newest versions, promoted or not
  std::string stall_timeout = "60s";
  std::string request_id;
};

struct BackfillListOptions {
  int limit = 50;
};

struct BackfillIdOptions {
  int64_t id = 0;
  std::string stall_timeout = "60s";
};

void AddBackfillCommand(CLI::App& app, ChosenCommand& chosen);
void AddBackfillsCommands(CLI::App& app, ChosenCommand& chosen);

absl::StatusOr<int> RunBackfill(Invocation& invocation, const BackfillOptions& options);
absl::StatusOr<int> ListBackfills(Invocation& invocation, const BackfillListOptions& options);
absl::StatusOr<int> ShowBackfill(Invocation& invocation, const BackfillIdOptions& options);
absl::StatusOr<int> WatchBackfill(Invocation& invocation, const BackfillIdOptions& options);
absl::StatusOr<int> CancelBackfill(Invocation& invocation, const BackfillIdOptions& options);

}  // namespace metricstore::cli
