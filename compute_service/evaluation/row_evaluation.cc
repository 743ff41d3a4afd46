#include "compute_service/evaluation/row_evaluation.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "compute_service/evaluation/plan_evaluator.h"
#include "compute_service/evaluation/row_dates.h"
#include "compute_service/planner/shard_plan.h"
#include "compute_service/rows/entity_rows.h"

namespace metricstore::compute {
namespace {

using columns::Column;
using columns::ColumnBatch;
using columns::ColumnType;

absl::Status BatchInvalid(const std::string& column, const std::string& problem) {
  return status::ErrorBuilder(absl::StatusCode::kInvalidArgument, "BATCH_INVALID",
                              absl::StrCat("column \"", column, "\": ", problem))
      .Metadata("column", column)
      .Build();
}

// A column that every row needs a value of.
absl::StatusOr<const Column*> FindComplete(const ColumnBatch& rows, const std::string& name,
                                           ColumnType type) {
  const Column* const column = rows.Find(name);
  if (column == nullptr) return BatchInvalid(name, "is not among the rows");
  if (column->type != type) {
    return BatchInvalid(name, absl::StrCat("is ", std::string(ColumnTypeName(column->type)),
                                           ", not ", std::string(ColumnTypeName(type))));
  }
  if (column->size() != rows.rows) return BatchInvalid(name, "has another number of rows");
  for (size_t row = 0; row < rows.rows; ++row) {
    if (!column->validity.valid(row)) {
      return BatchInvalid(name, absl::StrCat("row ", row, " is NULL"));
    }
  }
  return column;
}

absl::Status CheckOrder(const ColumnBatch& rows, const Column& times, const Column* entities) {
  for (size_t row = 1; row < rows.rows; ++row) {
    const int order =
        entities == nullptr ? 0 : entities->text(row - 1).compare(entities->text(row));
    if (order > 0) {
      return BatchInvalid(entities->name, absl::StrCat("row ", row, " is out of order"));
    }
    if (order == 0 && times.int64[row - 1] > times.int64[row]) {
      return BatchInvalid(times.name, absl::StrCat("row ", row, " is out of order"));
    }
  }
  return absl::OkStatus();
}

// The time column of rows that are fit to be evaluated.
absl::StatusOr<const Column*> CheckRows(const ColumnBatch& rows, const Dataset& dataset) {
  ASSIGN_OR_RETURN(const Column* times,
                   FindComplete(rows, dataset.time_column, ColumnType::kTimestamp));
  const Column* entities = nullptr;
  if (!dataset.entity_column.empty()) {
    ASSIGN_OR_RETURN(entities, FindComplete(rows, dataset.entity_column, ColumnType::kText));
  }
  RETURN_IF_ERROR(CheckOrder(rows, *times, entities));
  return times;
}

}  // namespace

absl::StatusOr<std::vector<EntityPoints>> EvaluateMetric(const MetricDefinition& metric,
                                                         const Dataset& dataset,
                                                         const calendar::Calendar& calendar,
                                                         const ColumnBatch& rows,
                                                         const CallBounds& bounds) {
  std::vector<DateRange> dates;
  if (rows.rows > 0 && !dataset.time_column.empty()) {
    ASSIGN_OR_RETURN(const Column* times, CheckRows(rows, dataset));
    ASSIGN_OR_RETURN(dates, DatesOfRows(times->int64, times->name, calendar, metric.grain));
  }
  ASSIGN_OR_RETURN(const SeriesPlan plan, PlanMetric(metric, dataset, calendar, std::move(dates)));
  ASSIGN_OR_RETURN(const std::unique_ptr<const PlanEvaluator> evaluator,
                   PlanEvaluator::Create(plan));
  std::vector<EntityPoints> results;
  EntityRows entities(plan.home().entity_column,
                      [&](std::string_view entity, ColumnBatch&& of_entity) -> absl::Status {
                        ASSIGN_OR_RETURN(SourcePoints points,
                                         evaluator->EvaluateRows(0, of_entity, bounds));
                        std::vector<SourcePoints> sources;
                        sources.push_back(std::move(points));
                        ASSIGN_OR_RETURN(std::vector<vector::MetricPoints> outputs,
                                         evaluator->Combine(std::move(sources), bounds));
                        results.push_back({std::string(entity), std::move(outputs.front())});
                        return absl::OkStatus();
                      });
  RETURN_IF_ERROR(entities.Add(rows));
  RETURN_IF_ERROR(entities.Finish());
  return results;
}

}  // namespace metricstore::compute
