#include "compute_service/planner/shard_plan.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/calendar/window.h"
#include "common/status/error.h"
#include "common/status/macros.h"

namespace metricstore::compute {
namespace {

using Buckets = std::shared_ptr<const std::vector<calendar::Bucket>>;
using Bound = std::shared_ptr<const expression::BoundExpression>;

// Resolves each distinct (window, grain) once for all metrics.
class SharedBuckets {
 public:
  SharedBuckets(const calendar::Calendar& calendar, std::vector<DateRange> dates)
      : calendar_(calendar), dates_(std::move(dates)) {}

  absl::StatusOr<Buckets> Get(const calendar::Window& window, Grain grain) {
    for (const Entry& entry : entries_) {
      if (entry.grain == grain && entry.window == window) return entry.buckets;
    }
    RETURN_IF_ERROR(calendar::CheckWindow(window, calendar_));
    std::vector<calendar::Bucket> buckets;
    for (const DateRange& dates : dates_) {
      RETURN_IF_ERROR(CheckAligned(grain, dates));
      ASSIGN_OR_RETURN(std::vector<calendar::Bucket> some,
                       calendar::ResolveBuckets(calendar_, window, grain, dates));
      std::move(some.begin(), some.end(), std::back_inserter(buckets));
    }
    entries_.push_back(
        {window, grain, std::make_shared<const std::vector<calendar::Bucket>>(std::move(buckets))});
    return entries_.back().buckets;
  }

  // The instants from the first to the last that any bucket shows.
  std::optional<TimeRange> Extent() const {
    std::optional<TimeRange> extent;
    for (const Entry& entry : entries_) {
      for (const calendar::Bucket& bucket : *entry.buckets) {
        if (bucket.slices.empty()) continue;
        if (!extent) extent = {bucket.slices.front().start, bucket.slices.back().end};
        extent->start = std::min(extent->start, bucket.slices.front().start);
        extent->end = std::max(extent->end, bucket.slices.back().end);
      }
    }
    return extent;
  }

 private:
  struct Entry {
    calendar::Window window;
    Grain grain;
    Buckets buckets;
  };

  // A part of a bucket would be stored as if it were the whole one.
  static absl::Status CheckAligned(Grain grain, DateRange dates) {
    if (calendar::AlignToGrain(grain, dates) == dates) return absl::OkStatus();
    return status::FieldInvalid(
        "dates", absl::StrCat(FormatDate(dates.start), "/", FormatDate(dates.end)),
        absl::StrCat("must be whole buckets of grain ", std::string(GrainName(grain))));
  }

  const calendar::Calendar& calendar_;
  const std::vector<DateRange> dates_;
  std::vector<Entry> entries_;
};

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

absl::Status CheckComputed(const MetricDefinition& metric,
                           const expression::BoundExpression& expression, const Dataset& dataset) {
  if (!expression.metric_references().empty()) {
    return NotSupported("expression",
                        absl::StrCat("reads metric ", expression.metric_references().front().id,
                                     "; metrics that read others are not computed"));
  }
  if (metric.timeframe.has_value() && metric.timeframe != dataset.timeframe) {
    return NotSupported("timeframe", "rows are not resampled: leave out the timeframe");
  }
  return absl::OkStatus();
}

absl::StatusOr<vector::MetricTask> PlanTask(const MetricDefinition& metric, Grain grain,
                                            const Dataset& dataset, SharedBuckets& buckets) {
  if (metric.dataset != dataset.name) {
    return status::FieldInvalid("dataset", metric.dataset,
                                absl::StrCat("the rows are those of ", dataset.name));
  }
  vector::MetricTask task;
  ASSIGN_OR_RETURN(task.expression,
                   expression::BoundExpression::ParseMetric(metric.expression, dataset.schema));
  RETURN_IF_ERROR(CheckComputed(metric, *task.expression, dataset));
  for (const std::string& filter : metric.filters) {
    ASSIGN_OR_RETURN(Bound bound, expression::BoundExpression::ParseFilter(filter, dataset.schema));
    task.filters.push_back(std::move(bound));
  }
  ASSIGN_OR_RETURN(task.buckets, buckets.Get(metric.window, grain));
  return task;
}

std::vector<std::string> ColumnsToRead(const std::vector<vector::MetricTask>& tasks,
                                       const Dataset& dataset) {
  std::set<std::string> names;
  for (const vector::MetricTask& task : tasks) {
    names.insert(task.expression->columns().begin(), task.expression->columns().end());
    for (const Bound& filter : task.filters) {
      names.insert(filter->columns().begin(), filter->columns().end());
    }
  }
  names.erase(dataset.time_column);
  names.erase(dataset.entity_column);
  return {names.begin(), names.end()};
}

ShardPlan Finished(std::vector<vector::MetricTask> tasks, const Dataset& dataset,
                   const SharedBuckets& buckets) {
  ShardPlan plan;
  plan.columns = ColumnsToRead(tasks, dataset);
  plan.tasks = std::move(tasks);
  plan.interval = buckets.Extent();
  plan.time_column = dataset.time_column;
  plan.entity_column = dataset.entity_column;
  plan.schema = dataset.schema;
  return plan;
}

}  // namespace

absl::StatusOr<ShardPlan> PlanShard(
    const LeasedShard& shard, std::span<const std::shared_ptr<const MetricDefinition>> metrics,
    const Dataset& dataset, const calendar::Calendar& calendar) {
  RETURN_IF_ERROR(CheckShard(shard, metrics.size(), dataset));
  SharedBuckets buckets(calendar, {shard.dates});
  std::vector<vector::MetricTask> tasks;
  for (size_t i = 0; i < metrics.size(); ++i) {
    absl::StatusOr<vector::MetricTask> task =
        PlanTask(*metrics[i], shard.metrics[i].grain, dataset, buckets);
    if (!task.ok()) {
      return status::WithPrefix(
          task.status(),
          absl::StrCat("metric ", metrics[i]->ref.id, " version ", metrics[i]->ref.version, ": "));
    }
    tasks.push_back(*std::move(task));
  }
  return Finished(std::move(tasks), dataset, buckets);
}

absl::StatusOr<ShardPlan> PlanMetric(const MetricDefinition& metric, const Dataset& dataset,
                                     const calendar::Calendar& calendar,
                                     std::vector<DateRange> dates) {
  RETURN_IF_ERROR(CheckHasTime(dataset));
  SharedBuckets buckets(calendar, std::move(dates));
  ASSIGN_OR_RETURN(vector::MetricTask task, PlanTask(metric, metric.grain, dataset, buckets));
  return Finished({std::move(task)}, dataset, buckets);
}

}  // namespace metricstore::compute
