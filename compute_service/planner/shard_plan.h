// The plan of a shard, and that of one metric over given rows.
#pragma once

#include "absl/status/statusor.h"
#include "common/calendar/calendar.h"
#include "compute_service/definition/definitions.h"
#include "compute_service/planner/metric_graph.h"
#include "compute_service/planner/series_plan.h"
#include "compute_service/registry_client/shard.h"

namespace metricstore::compute {

// The roots of `graph` are the definitions of shard.metrics in that order; the outputs are their
// series, one for each. The graph must outlive the plan's making only. INVALID_ARGUMENT, always for
// good: as PlanSeries, and (FIELD_INVALID, FIELD_REQUIRED) a metric whose home is another dataset,
// a dataset that follows another calendar and is not the shard's, no entity.
absl::StatusOr<SeriesPlan> PlanShard(const LeasedShard& shard, const MetricGraph& graph,
                                     const calendar::Calendar& calendar);

// One metric that reads no others, at its own grain over the buckets of `dates`. Errors as
// MetricGraph::Load and PlanSeries, and NOT_SUPPORTED for a metric that reads others.
absl::StatusOr<SeriesPlan> PlanMetric(const MetricDefinition& metric, const Dataset& dataset,
                                      const calendar::Calendar& calendar, Dates dates);

}  // namespace metricstore::compute
