#include "tests/conformance/catalog/engine_evaluator.h"

#include <string>

#include "common/status/error.h"
#include "compute_service/evaluation/row_evaluation.h"

namespace metricstore::registry {
namespace {

compute::MetricDefinition DefinitionOf(const MetricDefinition& metric) {
  return {.ref = {metric.id(), metric.version},
          .dataset = metric.dataset,
          .grain = metric.grain,
          .expression = metric.expression,
          .filters = metric.filters,
          .window = metric.window,
          .timeframe = metric.timeframe,
          .alignment = metric.timeframe_alignment,
          .rollup = metric.rollup};
}

compute::Dataset DatasetOf(const Dataset& dataset) {
  compute::Dataset known{.name = dataset.name,
                         .schema = {},
                         .time_column = dataset.time_column,
                         .entity_column = dataset.entity_column,
                         .timeframe = dataset.timeframe,
                         .rollups = {}};
  for (const DatasetColumn& column : dataset.columns) {
    known.schema.push_back({column.name, column.type, column.nullable});
    if (column.rollup != ColumnRollup::kNone) {
      known.rollups[column.name] = ColumnRollupName(column.rollup);
    }
  }
  return known;
}

void AddPoints(const compute::EntityPoints& entity, EvaluatedRows& rows) {
  const compute::vector::MetricPoints& points = entity.points;
  for (size_t i = 0; i < points.values.size(); ++i) {
    EvaluatedRows::Point point{.entity = entity.entity,
                               .bucket_start = FromMicros(points.bucket_start_micros[i]),
                               .value = std::nullopt};
    if (points.statuses[i] == compute::vector::PointStatus::kOk) point.value = points.values[i];
    point.finite = points.statuses[i] != compute::vector::PointStatus::kNotFinite;
    rows.points.push_back(point);
  }
}

}  // namespace

absl::StatusOr<std::vector<EvaluatedRows>> EngineEvaluator::Evaluate(
    const std::vector<RowEvaluation>& evaluations, const CallBounds& bounds) {
  std::vector<EvaluatedRows> results;
  for (const RowEvaluation& evaluation : evaluations) {
    EvaluatedRows rows;
    const auto entities =
        compute::EvaluateMetric(DefinitionOf(*evaluation.metric), DatasetOf(*evaluation.dataset),
                                *evaluation.calendar, evaluation.rows, bounds);
    if (entities.ok()) {
      for (const compute::EntityPoints& entity : *entities) AddPoints(entity, rows);
    } else {
      rows.error_reason = status::ReasonOf(entities.status());
      rows.error = std::string(entities.status().message());
    }
    results.push_back(std::move(rows));
  }
  return results;
}

}  // namespace metricstore::registry
