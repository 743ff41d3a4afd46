// metricctl backfill --stale: jobs over the dates that freshness names, and no others.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "cli/core/invocation.h"
#include "cli/jobs/backfill_command.h"
#include "common/time/iso8601.h"
#include "metricstore/registry/v1/query_service.pb.h"

namespace metricstore::cli {

// What one job computes.
struct StaleJob {
  registry::v1::Grain grain = registry::v1::GRAIN_UNSPECIFIED;  // unspecified: each metric's own
  DateRange dates;
  std::vector<std::string> metrics;  // ids, in order
  friend bool operator==(const StaleJob&, const StaleJob&) = default;
};

struct StalePlan {
  std::vector<StaleJob> jobs;
  bool is_cut = false;  // some metric has more ranges than freshness names: ask again afterwards
};

// So many ranges are named of a metric at a grain at most; the last of them then covers all the
// rest, and what lies between.
inline constexpr int kMostNamedRanges = 100;

// A job for each range of dates with the metrics that are stale there, by date: first at the
// metrics' own grains, then at each of the others. Ranges are not joined, and one that covers
// others is left out: dates that were not stale would count as computed from then on.
StalePlan PlanStaleJobs(const std::vector<registry::v1::MetricFreshness>& metrics);

// Creates and watches the jobs one after the other; with --detach it creates them all. One that
// fails does not stop the others; one that cannot be watched to its end does. Exit status and
// errors as RunBackfill; FAILED_PRECONDITION if jobs failed, which are listed before.
absl::StatusOr<int> RunStaleBackfills(Invocation& invocation, const BackfillOptions& options);

}  // namespace metricstore::cli
