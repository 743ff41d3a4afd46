// Evaluates one definition, stored or not, over given rows.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/calendar/calendar.h"
#include "common/columns/column_batch.h"
#include "common/time/cancellation.h"
#include "compute_service/definition/definitions.h"
#include "compute_service/engine/vector/evaluator.h"

namespace metricstore::compute {

// The points of one entity, at the metric's own grain.
struct EntityPoints {
  std::string entity;  // "" where the dataset has no entities
  vector::MetricPoints points;
};

// Gives a point for every bucket that holds the date of a row and has rows in the metric's window,
// entity by entity, just as a shard over the same rows would. Windows that reach back show what
// rows there are; they do not give points for later dates, on which there is no row at all. `rows`
// are ordered by entity (bytewise), then time; they may have more columns than needed.
// INVALID_ARGUMENT: BATCH_INVALID (metadata column) for rows that lack a needed column or have it
// in another type, out of order, or outside of the calendar's dates; EXPRESSION_INVALID,
// NOT_SUPPORTED, DEFINITION_INVALID and FIELD_INVALID as PlanMetric. CANCELLED, DEADLINE_EXCEEDED
// by `bounds`. Thread-safe.
absl::StatusOr<std::vector<EntityPoints>> EvaluateMetric(const MetricDefinition& metric,
                                                         const Dataset& dataset,
                                                         const calendar::Calendar& calendar,
                                                         const columns::ColumnBatch& rows,
                                                         const CallBounds& bounds);

}  // namespace metricstore::compute
