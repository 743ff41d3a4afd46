// metricctl backfill, run and backfills: computing metrics over a range of dates.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "cli/core/command.h"
#include "metricstore/registry/v1/backfill_service.pb.h"

namespace metricstore::cli {

struct BackfillOptions {
  std::vector<std::string> metrics;
  std::vector<std::string> entities;
  std::string from;
  std::string to;
  std::vector<std::string> grains;
  bool detach = false;
  bool latest = false;  // the newest versions, promoted or not
  bool stale = false;   // the dates that freshness names, instead of from and to
  std::string stall_timeout = "60s";
  std::string request_id;
  std::vector<std::string> more_metrics;  // given without --metrics
};

struct BackfillListOptions {
  int limit = 50;
};

struct BackfillIdOptions {
  int64_t id = 0;
  std::string stall_timeout = "60s";
};

struct RunDayOptions {
  std::vector<std::string> metrics;
  std::vector<std::string> entities;
  std::string date;
  std::string stall_timeout = "60s";
  std::string request_id;
};

// How one job is run.
struct JobOptions {
  bool detach = false;
  absl::Duration stall_timeout = absl::Seconds(60);
};

void AddBackfillCommand(CLI::App& app, ChosenCommand& chosen);
void AddBackfillsCommands(CLI::App& app, ChosenCommand& chosen);
void AddRunCommand(CLI::App& app, ChosenCommand& chosen);

// The grains of those names. INVALID_ARGUMENT (UsageError) for one that is none.
absl::StatusOr<std::vector<registry::v1::Grain>> ParseGrains(const std::vector<std::string>& names);
// UNAVAILABLE if no compute service answers: nothing is created while nobody would work on it.
absl::Status CheckCompute(Invocation& invocation);
// Creates the job, or finds it, and says so. The registry's errors.
absl::StatusOr<registry::v1::CreateBackfillResponse> CreateJob(
    Invocation& invocation, registry::v1::CreateBackfillRequest request);
// Watches the job, unless it is detached; adds its summary to `summaries` once it has ended, or is
// left. Exit status and errors as BackfillWatch::Run.
absl::StatusOr<int> FollowJob(Invocation& invocation, const registry::v1::Backfill& job,
                              const JobOptions& options, nlohmann::ordered_json& summaries);

absl::StatusOr<int> RunBackfill(Invocation& invocation, const BackfillOptions& options);
absl::StatusOr<int> RunDay(Invocation& invocation, const RunDayOptions& options);
absl::StatusOr<int> ListBackfills(Invocation& invocation, const BackfillListOptions& options);
absl::StatusOr<int> ShowBackfill(Invocation& invocation, const BackfillIdOptions& options);
absl::StatusOr<int> WatchBackfill(Invocation& invocation, const BackfillIdOptions& options);
absl::StatusOr<int> CancelBackfill(Invocation& invocation, const BackfillIdOptions& options);

}  // namespace metricstore::cli
