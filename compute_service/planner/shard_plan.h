// From definitions and dates to what is read and what is evaluated.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/calendar/calendar.h"
#include "common/expression/expression.h"
#include "common/time/iso8601.h"
#include "compute_service/definition/definitions.h"
#include "compute_service/engine/series/series_evaluator.h"
#include "compute_service/registry_client/shard.h"

namespace metricstore::compute {

// What an evaluation needs. Immutable once made. It refers to the calendar it was made with, which
// must outlive it.
struct ShardPlan {
  std::vector<SeriesTask> tasks;  // in the order of the metrics
  // Raw columns to ask for, sorted and distinct: what expressions and filters name but the entity
  // and time columns, which always come.
  std::vector<std::string> columns;
  // Covers all instants that any bucket shows, which may be long before its own dates; nothing if
  // no bucket shows any.
  std::optional<TimeRange> interval;
  std::string time_column;
  std::string entity_column;  // empty: rows belong to nobody
  expression::Schema schema;
};

// `metrics` are the definitions of shard.metrics in that order. Metrics with the same window and
// grain share one list of buckets, those with the same bars of the same rows the bars. A grain that
// is coarser than the metric's own is folded from its points if the metric has a rollup, else
// computed from rows. INVALID_ARGUMENT, always for good: an expression that does not fit the
// dataset (EXPRESSION_INVALID), a window that does not fit the calendar and the grain, a timeframe
// or a rollup that makes no sense, a column without the rollup that its bars need
// (DEFINITION_INVALID), a metric that reads other metrics, weeks to be folded into months
// (NOT_SUPPORTED), a metric of another dataset, a dataset without time, no entity, or dates that
// the calendar does not know or that are not whole buckets (FIELD_INVALID).
absl::StatusOr<ShardPlan> PlanShard(
    const LeasedShard& shard, std::span<const std::shared_ptr<const MetricDefinition>> metrics,
    const Dataset& dataset, const calendar::Calendar& calendar);

// One metric at its own grain over the buckets of `dates`: ranges in order, disjoint. Errors as
// PlanShard.
absl::StatusOr<ShardPlan> PlanMetric(const MetricDefinition& metric, const Dataset& dataset,
                                     const calendar::Calendar& calendar,
                                     std::vector<DateRange> dates);

}  // namespace metricstore::compute
