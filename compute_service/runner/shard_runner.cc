#include "compute_service/runner/shard_runner.h"

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "common/time/backoff.h"
#include "compute_service/evaluation/window_evaluation.h"
#include "compute_service/planner/definition_source.h"
#include "compute_service/planner/metric_graph.h"
#include "compute_service/planner/shard_plan.h"

namespace metricstore::compute {
namespace {

// Adds the time of its life to a stage.
class StageTimer {
 public:
  StageTimer(const Clock& clock, telemetry::Counter& seconds)
      : clock_(clock), seconds_(seconds), start_(clock.Now()) {}
  ~StageTimer() {
    seconds_.Increment(std::max(0.0, absl::ToDoubleSeconds(clock_.Now() - start_ - left_out_)));
  }
  StageTimer(const StageTimer&) = delete;
  StageTimer& operator=(const StageTimer&) = delete;

  // Time of another stage inside this one.
  void LeaveOut(absl::Duration duration) { left_out_ += duration; }

 private:
  const Clock& clock_;
  telemetry::Counter& seconds_;
  const absl::Time start_;
  absl::Duration left_out_;
};

// Collects the points of a shard's entities.
class Collection {
 public:
  Collection(const LeasedShard& shard, ShardResults* results)
      : shard_(shard),
        results_(*results),
        without_rows_(shard.entities.begin(), shard.entities.end()) {}

  absl::Status Add(std::string_view entity, std::vector<vector::MetricPoints>&& points) {
    if (without_rows_.erase(entity) == 0) {
      return status::InternalError("the registry sent rows of an entity that was not asked for");
    }
    for (size_t i = 0; i < points.size(); ++i) AddSeries(i, entity, std::move(points[i]));
    return absl::OkStatus();
  }

  // An empty series removes points whose rows are gone.
  void AddEntitiesWithoutRows() {
    for (const std::string_view entity : without_rows_) {
      for (size_t i = 0; i < shard_.metrics.size(); ++i) AddSeries(i, entity, {});
    }
    without_rows_.clear();
  }

 private:
  void AddSeries(size_t metric, std::string_view entity, vector::MetricPoints points) {
    results_.series.push_back({.metric = shard_.metrics[metric].metric,
                               .grain = shard_.metrics[metric].grain,
                               .entity = std::string(entity),
                               .points = std::move(points)});
  }

  const LeasedShard& shard_;
  ShardResults& results_;
  std::set<std::string_view> without_rows_;  // views of the shard's entities
};

// Where no window shows anything, the shortest interval is asked for: stored points are to go, and
// the watermark says as of when.
WindowScope ScopeOf(const LeasedShard& shard) {
  const absl::Time start = absl::FromCivil(shard.dates.start, absl::UTCTimeZone());
  return {.project = shard.project,
          .entities = shard.entities,
          .fallback = TimeRange{start, start + absl::Microseconds(1)}};
}

}  // namespace

absl::StatusOr<ShardRunner::Planned> ShardRunner::Plan(const LeasedShard& shard,
                                                       const CallBounds& bounds) const {
  const StageTimer timer(pacer_, instruments_.stage_seconds(Stage::kPlan));
  std::vector<MetricRef> refs;
  for (const MetricAtGrain& metric : shard.metrics) refs.push_back(metric.metric);
  RegistryDefinitions definitions(registry_, shard.project, bounds);
  definitions.ReadAs(shard.reads);
  ASSIGN_OR_RETURN(const std::vector<DefinitionPtr> roots, definitions.GetMetrics(refs));
  ASSIGN_OR_RETURN(const MetricGraph graph, MetricGraph::Load(definitions, roots, BlameVersion));
  Planned planned;
  ASSIGN_OR_RETURN(planned.calendar, registry_.GetCalendar(shard.project, shard.calendar,
                                                           shard.calendar_version, bounds));
  ASSIGN_OR_RETURN(planned.plan, PlanShard(shard, graph, *planned.calendar));
  return planned;
}

absl::StatusOr<ShardResults> ShardRunner::ReadAndEvaluate(const LeasedShard& shard,
                                                          const SeriesPlan& plan,
                                                          const CallBounds& bounds) const {
  ShardResults results;
  Collection collection(shard, &results);
  StageTimer reading(pacer_, instruments_.stage_seconds(Stage::kRead));
  WindowHooks hooks;
  hooks.sink = [&](std::string_view entity, std::vector<vector::MetricPoints>&& points, int64_t) {
    return collection.Add(entity, std::move(points));
  };
  hooks.evaluate = [&](absl::FunctionRef<absl::Status()> step) {
    const absl::Time start = pacer_.Now();
    absl::Status status = step();
    const absl::Duration spent = pacer_.Now() - start;
    instruments_.stage_seconds(Stage::kEvaluate).Increment(absl::ToDoubleSeconds(spent));
    reading.LeaveOut(spent);
    return status;
  };
  ASSIGN_OR_RETURN(const WindowSummary summary,
                   EvaluateWindows(registry_, plan, ScopeOf(shard), hooks, bounds));
  collection.AddEntitiesWithoutRows();
  results.rows_read = summary.rows_read;
  results.read_watermark = summary.read_watermark;
  return results;
}

absl::Status ShardRunner::Persevere(const std::function<absl::Status()>& step,
                                    Remedy (*remedy)(const absl::Status&),
                                    const CallBounds& bounds) const {
  Backoff backoff(policy_.first_delay, policy_.most_delay);
  const absl::Time give_up = pacer_.Now() + policy_.patience;
  while (true) {
    RETURN_IF_ERROR(bounds.Check());
    const absl::Status status = step();
    if (status.ok() || remedy(status) != Remedy::kTryAgainHere) return status;
    absl::Duration delay = backoff.Next();
    if (const auto details = status::DetailsOf(status); details && details->retry_after) {
      delay = std::max(delay, *details->retry_after);
    }
    const absl::Time next = pacer_.Now() + delay;
    if (next > give_up) return status;
    pacer_.WaitUntil(next, bounds.cancel);
  }
}

absl::StatusOr<ShardResults> ShardRunner::Compute(const LeasedShard& shard,
                                                  const CallBounds& bounds) const {
  ShardResults results;
  RETURN_IF_ERROR(Persevere(
      [&]() -> absl::Status {
        ASSIGN_OR_RETURN(const Planned planned, Plan(shard, bounds));
        ASSIGN_OR_RETURN(results, ReadAndEvaluate(shard, planned.plan, bounds));
        return absl::OkStatus();
      },
      RemedyForComputing, bounds));
  return results;
}

absl::StatusOr<ShardSummary> ShardRunner::Commit(const LeasedShard& shard,
                                                 const ShardResults& results,
                                                 const CallBounds& bounds) const {
  const StageTimer timer(pacer_, instruments_.stage_seconds(Stage::kPersist));
  ShardSummary summary{.rows = results.rows_read, .points = results.point_count()};
  RETURN_IF_ERROR(Persevere(
      [&]() -> absl::Status {
        ASSIGN_OR_RETURN(const PersistOutcome outcome,
                         registry_.PersistShard(shard.lease, results, bounds));
        summary.chunks_written = outcome.chunks_written;
        return absl::OkStatus();
      },
      RemedyForPersisting, bounds));
  instruments_.rows().Increment(static_cast<double>(summary.rows));
  instruments_.points().Increment(static_cast<double>(summary.points));
  return summary;
}

}  // namespace metricstore::compute
