// A plan made ready to run: from the rows of an entity to the points that were asked for.
#pragma once

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "common/columns/column_batch.h"
#include "common/time/cancellation.h"
#include "compute_service/engine/series/derived_series.h"
#include "compute_service/engine/series/series_evaluator.h"
#include "compute_service/planner/series_plan.h"

namespace metricstore::compute {

// The points of the tasks of one source, for one entity.
using SourcePoints = std::vector<vector::MetricPoints>;

// Immutable and thread-safe; each evaluation is single-threaded and gives the same bits for the
// same rows. The plan must outlive it.
class PlanEvaluator {
 public:
  // Errors as SeriesEvaluator and DerivedSeries.
  static absl::StatusOr<std::unique_ptr<const PlanEvaluator>> Create(const SeriesPlan& plan);

  // `rows` of one entity, of the source's dataset. Errors as SeriesEvaluator.
  absl::StatusOr<SourcePoints> EvaluateRows(size_t source, const columns::ColumnBatch& rows,
                                            const CallBounds& bounds) const;
  // The outputs of an entity, from the points of its rows: one element for each source, an empty
  // one where the entity has no rows. Errors as DerivedSeries.
  absl::StatusOr<std::vector<vector::MetricPoints>> Combine(std::vector<SourcePoints> sources,
                                                            const CallBounds& bounds) const;

 private:
  explicit PlanEvaluator(const SeriesPlan& plan) : plan_(plan) {}

  const SeriesPlan& plan_;
  std::vector<std::unique_ptr<const SeriesEvaluator>> sources_;
  std::vector<std::unique_ptr<const DerivedSeries>> derived_;  // of the series; others nullptr
};

}  // namespace metricstore::compute
