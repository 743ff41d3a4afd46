// Which metrics have points that must be computed again, as ListFreshness tells.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "cli/core/connection.h"
#include "metricstore/registry/v1/query_service.pb.h"

namespace metricstore::cli {

// Whether a backfill would change what is stored, at the metric's own grain or at another.
bool IsStale(const registry::v1::MetricFreshness& metric);

// The same at its own grain alone.
bool IsStaleAtOwnGrain(const registry::v1::MetricFreshness& metric);

// The freshness of the metrics that `names` (ids or patterns) give, of all if there are none.
// Errors as ForEachPage.
absl::StatusOr<std::vector<registry::v1::MetricFreshness>> CollectFreshness(
    Connection& connection, const std::vector<std::string>& names);

}  // namespace metricstore::cli
