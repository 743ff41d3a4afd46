#include "compute_service/evaluation/plan_evaluator.h"

#include <utility>
#include <variant>

#include "common/status/macros.h"

namespace metricstore::compute {

using vector::MetricPoints;

absl::StatusOr<std::unique_ptr<const PlanEvaluator>> PlanEvaluator::Create(const SeriesPlan& plan) {
  std::unique_ptr<PlanEvaluator> made(new PlanEvaluator(plan));
  for (const RowPlan& source : plan.sources) {
    ASSIGN_OR_RETURN(made->sources_.emplace_back(),
                     SeriesEvaluator::Create(source.tasks, source.time_column, source.schema));
  }
  for (const PlannedSeries& series : plan.series) {
    made->derived_.emplace_back();
    if (const auto* task = std::get_if<DerivedTask>(&series.way)) {
      ASSIGN_OR_RETURN(made->derived_.back(), DerivedSeries::Create(*task));
    }
  }
  return made;
}

absl::StatusOr<SourcePoints> PlanEvaluator::EvaluateRows(size_t source,
                                                         const columns::ColumnBatch& rows,
                                                         const CallBounds& bounds) const {
  return sources_[source]->Evaluate(rows, bounds);
}

absl::StatusOr<std::vector<MetricPoints>> PlanEvaluator::Combine(std::vector<SourcePoints> sources,
                                                                 const CallBounds& bounds) const {
  std::vector<MetricPoints> series;
  series.reserve(plan_.series.size());
  for (size_t i = 0; i < plan_.series.size(); ++i) {
    const auto& way = plan_.series[i].way;
    if (const auto* rows = std::get_if<SeriesOfRows>(&way)) {
      SourcePoints& points = sources[rows->source];
      series.push_back(points.empty() ? MetricPoints() : std::move(points[rows->task]));
    } else if (const auto* fold = std::get_if<SeriesOfPoints>(&way)) {
      series.push_back(FoldPoints(PointsWithin(series[fold->series], fold->ranges), fold->fold));
    } else {
      ASSIGN_OR_RETURN(MetricPoints points, derived_[i]->Evaluate(series, bounds));
      series.push_back(std::move(points));
    }
  }
  std::vector<MetricPoints> outputs;
  outputs.reserve(plan_.outputs.size());
  for (const PlannedOutput& output : plan_.outputs) {
    outputs.push_back(output.is_whole ? series[output.series]
                                      : PointsWithin(series[output.series], output.ranges));
  }
  return outputs;
}

}  // namespace metricstore::compute
