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
};

// A job for each range of dates with the metrics that are stale there, by date: first at the
// metrics' own grains, then at each of the others. Beyond `most` jobs the ranges nearest to each
// other become one: computing a date again changes nothing.
std::vector<StaleJob> PlanStaleJobs(const std::vector<registry::v1::MetricFreshness>& metrics,
                                    size_t most);

// Creates and watches the jobs one after the other; with --detach it creates them all. Exit status
// and errors as RunBackfill, of the first job that does not succeed.
absl::StatusOr<int> RunStaleBackfills(Invocation& invocation, const BackfillOptions& options);

}  // namespace metricstore::cli
