// Follows a backfill on the terminal until it ends, across restarts of the registry.
#pragma once

#include <cstdint>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "cli/core/invocation.h"
#include "metricstore/registry/v1/backfill.pb.h"
#include "metricstore/registry/v1/backfill_service.grpc.pb.h"

namespace metricstore::cli {

struct WatchOptions {
  // No worker activity, or no registry, for so long: give up watching (the job stays).
  absl::Duration stall_timeout = absl::Seconds(60);
  // A warning comes earlier.
  absl::Duration idle_warning = absl::Seconds(10);
};

// "60s" as a span. INVALID_ARGUMENT (UsageError) if it is none.
absl::StatusOr<absl::Duration> ParseStallTimeout(const std::string& text);

// Whether the job ended as it was created, because no rows are stored that its dates show.
bool HasNothingToRead(const registry::v1::Backfill& backfill);

// "7 of 40 shards done".
std::string ShardsText(const registry::v1::Backfill& backfill);

// "24 metrics", "24 metrics at day and week": a job lists each metric once for each grain.
std::string MetricsText(const registry::v1::Backfill& backfill);
int64_t MetricCount(const registry::v1::Backfill& backfill);

// How to look after the job later, for people who leave it.
std::string LaterText(int64_t id);

// One use; not thread-safe.
class BackfillWatch {
 public:
  // `before` is the job as it was when watching began: rates count from there.
  BackfillWatch(Invocation& invocation, registry::v1::Backfill before, WatchOptions options);

  // Watches until the job ends and prints its summary. Exit status 0 if it succeeded, 130 after
  // Ctrl-C (the job goes on). FAILED_PRECONDITION if it failed, was cancelled or stalls; the
  // registry's error if it refuses or cannot be reached for the stall timeout.
  absl::StatusOr<int> Run();
  // The same from another call's stream: `next` reads the job as it is then, false at the end;
  // `finish` gives the call's status after it. Where the stream breaks, the registry is watched.
  absl::StatusOr<int> RunFrom(const std::function<bool(registry::v1::Backfill*)>& next,
                              const std::function<absl::Status()>& finish);
  // Whether the job has ended, and how, for programs.
  bool has_ended() const;
  nlohmann::ordered_json Summary() const;

 private:
  absl::Status WatchOnce();
  int TakeLeave() const;
  absl::Status Follow(const registry::v1::WatchBackfillResponse& message);
  void ShowProgress(class ProgressBar& bar) const;
  void WarnIfIdle(absl::Duration idle);
  std::string ProgressDetail(absl::Duration elapsed) const;
  absl::StatusOr<int> Conclude();
  void PrintSummary() const;
  absl::Status OutcomeError() const;

  Invocation& invocation_;
  WatchOptions options_;
  registry::v1::Backfill before_;
  registry::v1::Backfill now_;
  absl::Time start_;
  absl::Time connected_;
  absl::Time last_message_;
  absl::Duration elapsed_;  // when it ended
  bool warned_ = false;
  bool stalled_ = false;
};

}  // namespace metricstore::cli
