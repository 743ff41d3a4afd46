// The two halves of the work on one shard: from definitions and rows to points, and their commit.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/time/cancellation.h"
#include "compute_service/planner/series_plan.h"
#include "compute_service/registry_client/registry_client.h"
#include "compute_service/runner/pacer.h"
#include "compute_service/runner/remedy.h"
#include "compute_service/telemetry/compute_instruments.h"

namespace metricstore::compute {

// How long a step is tried again when the registry is away.
struct RetryPolicy {
  absl::Duration first_delay = absl::Milliseconds(100);
  absl::Duration most_delay = absl::Seconds(3);
  // A lease that still stands after so long is given back, so that nobody's slot is held for ever.
  absl::Duration patience = absl::Minutes(5);
};

// What a committed shard took, for the log.
struct ShardSummary {
  int64_t rows = 0;
  int64_t points = 0;
  int64_t chunks_written = 0;
};

// Holds one entity's rows, the shard's results and the points of other datasets that these are made
// of in memory, nothing else of size. Raise
// bounds.cancel when the lease is lost. Stateless; thread-safe. What it refers to must outlive it.
class ShardRunner {
 public:
  ShardRunner(RegistryClient& registry, const ComputeInstruments& instruments, const Pacer& pacer,
              RetryPolicy policy)
      : registry_(registry), instruments_(instruments), pacer_(pacer), policy_(policy) {}

  // Reads the shard's rows and evaluates its metrics; changes nothing anywhere. While the registry
  // is away, waits and begins again. Errors as RemedyForComputing sorts them.
  absl::StatusOr<ShardResults> Compute(const LeasedShard& shard, const CallBounds& bounds) const;

  // Commits the results. After an error that leaves the outcome open, sends them again under the
  // same fence. Errors as RemedyForPersisting sorts them.
  absl::StatusOr<ShardSummary> Commit(const LeasedShard& shard, const ShardResults& results,
                                      const CallBounds& bounds) const;

 private:
  struct Planned {
    std::shared_ptr<const calendar::Calendar> calendar;  // which the plan refers to
    SeriesPlan plan;
  };

  absl::StatusOr<Planned> Plan(const LeasedShard& shard, const CallBounds& bounds) const;
  absl::StatusOr<ShardResults> ReadAndEvaluate(const LeasedShard& shard, const SeriesPlan& plan,
                                               const CallBounds& bounds) const;
  // Takes a step until it succeeds, or its error is not one to wait for, or patience ends.
  absl::Status Persevere(const std::function<absl::Status()>& step,
                         Remedy (*remedy)(const absl::Status&), const CallBounds& bounds) const;

  RegistryClient& registry_;
  const ComputeInstruments& instruments_;
  const Pacer& pacer_;
  const RetryPolicy policy_;
};

}  // namespace metricstore::compute
