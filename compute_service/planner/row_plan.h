// What is read of one dataset, and what is made of its rows.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/calendar/calendar.h"
#include "common/expression/expression.h"
#include "common/time/iso8601.h"
#include "compute_service/definition/definitions.h"
#include "compute_service/engine/series/series_evaluator.h"
#include "compute_service/planner/metric_graph.h"
#include "compute_service/planner/shared_buckets.h"
#include "compute_service/planner/shared_resamplings.h"

namespace metricstore::compute {

// Immutable once made. It refers to the calendar it was made with, which must outlive it.
struct RowPlan {
  std::string dataset;
  std::vector<SeriesTask> tasks;
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

// How the points of a metric at its own grain become those of a coarser one; nullopt where they are
// computed as those of its own. `buckets` has the starts of `dates`. INVALID_ARGUMENT
// (DEFINITION_INVALID, field rollup; NOT_SUPPORTED; FIELD_INVALID dates).
absl::StatusOr<std::optional<PointFold>> FoldOfMetric(const MetricDefinition& metric,
                                                      expression::OutputType output, Grain grain,
                                                      const SharedBuckets& buckets,
                                                      const Dates& dates);

// Makes a row plan task by task. Metrics with the same window, grain and dates share one list of
// buckets, those with the same bars of the same rows the bars. Dataset and calendar must outlive
// it, and the calendar what it makes. Not thread-safe.
class RowPlanner {
 public:
  RowPlanner(const Dataset& dataset, const calendar::Calendar& calendar)
      : dataset_(dataset), buckets_(calendar), resamplings_(dataset, calendar) {}

  const Dataset& dataset() const { return dataset_; }

  // Adds `value`, the metric's expression or a part of it without metrics, at `grain`, and returns
  // the index of its task. A grain that is coarser than the metric's own is folded from its points
  // if the metric has a rollup and `may_fold`. INVALID_ARGUMENT, always for good, as PlanSeries.
  absl::StatusOr<size_t> Add(const GraphMetric& metric, const BoundPtr& value, Grain grain,
                             const Dates& dates, bool may_fold);
  // The buckets of a metric's window, as its tasks have them.
  absl::StatusOr<Buckets> BucketsOf(const MetricDefinition& metric, Grain grain,
                                    const Dates& dates) {
    return buckets_.Get(metric.window, grain, dates);
  }
  RowPlan Finish();

 private:
  void AddColumns(const expression::BoundExpression& expression);

  const Dataset& dataset_;
  SharedBuckets buckets_;
  SharedResamplings resamplings_;
  std::set<std::string> columns_;
  std::vector<SeriesTask> tasks_;
};

}  // namespace metricstore::compute
