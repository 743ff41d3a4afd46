#include "compute_service/planner/shard_plan.h"

#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "compute_service/engine/vector/fold.h"
#include "compute_service/planner/shared_buckets.h"
#include "compute_service/planner/shared_resamplings.h"

namespace metricstore::compute {
namespace {

using Bound = std::shared_ptr<const expression::BoundExpression>;

absl::Status CheckHasTime(const Dataset& dataset) {
  if (!dataset.time_column.empty()) return absl::OkStatus();
  return status::FieldInvalid("dataset", dataset.name, "has no time column");
}

absl::Status CheckShard(const LeasedShard& shard, size_t metric_count, const Dataset& dataset) {
  if (shard.metrics.empty() || shard.metrics.size() != metric_count) {
    return status::FieldInvalid("metrics", absl::StrCat(metric_count),
                                "must be one definition for each metric of the shard");
  }
  if (shard.entities.empty()) return status::FieldRequired("entities");
  return CheckHasTime(dataset);
}

absl::Status NotSupported(std::string_view field, std::string_view message) {
  return status::ErrorBuilder(absl::StatusCode::kInvalidArgument, "NOT_SUPPORTED", message)
      .Metadata("field", field)
      .Build();
}

absl::Status CheckComputed(const expression::BoundExpression& expression) {
  if (expression.metric_references().empty()) return absl::OkStatus();
  return NotSupported("expression",
                      absl::StrCat("reads metric ", expression.metric_references().front().id,
                                   "; metrics that read others are not computed"));
}

// Makes the tasks of a plan one by one.
class TaskPlanner {
 public:
  TaskPlanner(const Dataset& dataset, const calendar::Calendar& calendar,
              std::vector<DateRange> dates)
      : dataset_(dataset), buckets_(calendar, std::move(dates)), resamplings_(dataset, calendar) {}

  absl::Status Add(const MetricDefinition& metric, Grain grain);
  ShardPlan Finish();

 private:
  // The expression and the filters over rows.
  absl::StatusOr<vector::MetricTask> BindToRows(const MetricDefinition& metric);
  absl::StatusOr<std::optional<PointFold>> FoldOf(const MetricDefinition& metric,
                                                  Grain grain) const;

  const Dataset& dataset_;
  SharedBuckets buckets_;
  SharedResamplings resamplings_;
  std::set<std::string> columns_;
  std::vector<SeriesTask> tasks_;
};

absl::StatusOr<vector::MetricTask> TaskPlanner::BindToRows(const MetricDefinition& metric) {
  vector::MetricTask task;
  ASSIGN_OR_RETURN(task.expression,
                   expression::BoundExpression::ParseMetric(metric.expression, dataset_.schema));
  RETURN_IF_ERROR(CheckComputed(*task.expression));
  for (const std::string& filter : metric.filters) {
    ASSIGN_OR_RETURN(Bound bound,
                     expression::BoundExpression::ParseFilter(filter, dataset_.schema));
    task.filters.push_back(std::move(bound));
  }
  return task;
}

absl::StatusOr<std::optional<PointFold>> TaskPlanner::FoldOf(const MetricDefinition& metric,
                                                             Grain grain) const {
  if (metric.rollup.empty() || grain <= metric.grain) return std::nullopt;
  const std::optional<vector::Fold> fold = vector::ParseFold(metric.rollup);
  if (!fold.has_value()) {
    return status::ErrorBuilder(absl::StatusCode::kInvalidArgument, "DEFINITION_INVALID",
                                absl::StrCat("there is no rollup \"", metric.rollup, "\""))
        .Field("rollup", "is first, last, min, max, sum or avg")
        .Build();
  }
  if (metric.grain == Grain::kWeek) {
    return NotSupported(
        "rollup", absl::StrCat("weeks lie across the ends of a ", std::string(GrainName(grain)),
                               ", so their points cannot be folded into it"));
  }
  ASSIGN_OR_RETURN(BucketStarts starts, buckets_.StartsOf(grain));
  return PointFold{*fold, std::move(starts)};
}

absl::Status TaskPlanner::Add(const MetricDefinition& metric, Grain grain) {
  if (metric.dataset != dataset_.name) {
    return status::FieldInvalid("dataset", metric.dataset,
                                absl::StrCat("the rows are those of ", dataset_.name));
  }
  SeriesTask task;
  ASSIGN_OR_RETURN(task.metric, BindToRows(metric));
  columns_.insert(task.metric.expression->columns().begin(),
                  task.metric.expression->columns().end());
  for (const Bound& filter : task.metric.filters) {
    columns_.insert(filter->columns().begin(), filter->columns().end());
  }
  ASSIGN_OR_RETURN(task.fold, FoldOf(metric, grain));
  const Grain computed = task.fold.has_value() ? metric.grain : grain;
  ASSIGN_OR_RETURN(task.metric.buckets, buckets_.Get(metric.window, computed));
  if (IsResampled(metric, dataset_)) {
    RETURN_IF_ERROR(resamplings_.Apply(metric, computed, &task));
  }
  tasks_.push_back(std::move(task));
  return absl::OkStatus();
}

ShardPlan TaskPlanner::Finish() {
  columns_.erase(dataset_.time_column);
  columns_.erase(dataset_.entity_column);
  return {.tasks = std::move(tasks_),
          .columns = {columns_.begin(), columns_.end()},
          .interval = buckets_.Extent(),
          .time_column = dataset_.time_column,
          .entity_column = dataset_.entity_column,
          .schema = dataset_.schema};
}

}  // namespace

absl::StatusOr<ShardPlan> PlanShard(
    const LeasedShard& shard, std::span<const std::shared_ptr<const MetricDefinition>> metrics,
    const Dataset& dataset, const calendar::Calendar& calendar) {
  RETURN_IF_ERROR(CheckShard(shard, metrics.size(), dataset));
  TaskPlanner planner(dataset, calendar, {shard.dates});
  for (size_t i = 0; i < metrics.size(); ++i) {
    const absl::Status added = planner.Add(*metrics[i], shard.metrics[i].grain);
    if (!added.ok()) {
      return status::WithPrefix(added, absl::StrCat("metric ", metrics[i]->ref.id, " version ",
                                                    metrics[i]->ref.version, ": "));
    }
  }
  return planner.Finish();
}

absl::StatusOr<ShardPlan> PlanMetric(const MetricDefinition& metric, const Dataset& dataset,
                                     const calendar::Calendar& calendar,
                                     std::vector<DateRange> dates) {
  RETURN_IF_ERROR(CheckHasTime(dataset));
  TaskPlanner planner(dataset, calendar, std::move(dates));
  RETURN_IF_ERROR(planner.Add(metric, metric.grain));
  return planner.Finish();
}

}  // namespace metricstore::compute
