#include "compute_service/planner/row_plan.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "compute_service/engine/vector/program/fold.h"

namespace metricstore::compute {
namespace {

absl::Status RollupInvalid(std::string_view message, std::string_view what) {
  return status::ErrorBuilder(absl::StatusCode::kInvalidArgument, "DEFINITION_INVALID", message)
      .Field("rollup", what)
      .Build();
}

bool IsNumeric(expression::OutputType output) {
  return output == expression::OutputType::kNumber || output == expression::OutputType::kInteger;
}

}  // namespace

absl::StatusOr<std::optional<PointFold>> FoldOfMetric(const MetricDefinition& metric,
                                                      expression::OutputType output, Grain grain,
                                                      const SharedBuckets& buckets,
                                                      const Dates& dates) {
  if (metric.rollup.empty() || grain <= metric.grain) return std::nullopt;
  const std::optional<vector::Fold> fold = vector::ParseFold(metric.rollup);
  if (!fold.has_value()) {
    return RollupInvalid(absl::StrCat("there is no rollup \"", metric.rollup, "\""),
                         "is first, last, min, max, sum or avg");
  }
  if (!IsNumeric(output) && *fold != vector::Fold::kFirst && *fold != vector::Fold::kLast) {
    return RollupInvalid(absl::StrCat("the rollup \"", metric.rollup, "\" is of numbers"),
                         "is first or last for points that are no numbers");
  }
  if (metric.grain == Grain::kWeek) {
    const std::string message =
        absl::StrCat("weeks lie across the ends of a ", std::string(GrainName(grain)),
                     ", so their points cannot be folded into it");
    return status::ErrorBuilder(absl::StatusCode::kInvalidArgument, "NOT_SUPPORTED", message)
        .Metadata("field", "rollup")
        .Build();
  }
  ASSIGN_OR_RETURN(BucketStarts starts, buckets.StartsOf(grain, dates));
  return PointFold{*fold, std::move(starts)};
}

void RowPlanner::AddColumns(const expression::BoundExpression& expression) {
  columns_.insert(expression.columns().begin(), expression.columns().end());
}

absl::StatusOr<size_t> RowPlanner::Add(const GraphMetric& metric, const BoundPtr& value,
                                       Grain grain, const Dates& dates, bool may_fold) {
  const MetricDefinition& definition = *metric.definition;
  SeriesTask task;
  task.metric.expression = value;
  task.metric.filters = metric.filters;
  AddColumns(*value);
  for (const BoundPtr& filter : metric.filters) AddColumns(*filter);
  if (may_fold) {
    ASSIGN_OR_RETURN(task.fold, FoldOfMetric(definition, value->output(), grain, buckets_, dates));
  }
  const Grain computed = task.fold.has_value() ? definition.grain : grain;
  ASSIGN_OR_RETURN(task.metric.buckets, buckets_.Get(definition.window, computed, dates));
  if (IsResampled(definition, dataset_)) {
    RETURN_IF_ERROR(resamplings_.Apply(definition, computed, &task));
  }
  tasks_.push_back(std::move(task));
  return tasks_.size() - 1;
}

RowPlan RowPlanner::Finish() {
  columns_.erase(dataset_.time_column);
  columns_.erase(dataset_.entity_column);
  return {.dataset = dataset_.name,
          .tasks = std::move(tasks_),
          .columns = {columns_.begin(), columns_.end()},
          .interval = buckets_.Extent(),
          .time_column = dataset_.time_column,
          .entity_column = dataset_.entity_column,
          .schema = dataset_.schema};
}

}  // namespace metricstore::compute
