#include "compute_service/engine/series/series_evaluator.h"

#include <map>
#include <utility>

#include "common/status/macros.h"

namespace metricstore::compute {

absl::StatusOr<std::unique_ptr<const SeriesEvaluator>> SeriesEvaluator::Create(
    const std::vector<SeriesTask>& tasks, const std::string& time_column,
    const expression::Schema& schema) {
  std::unique_ptr<SeriesEvaluator> made(new SeriesEvaluator());
  std::map<std::shared_ptr<const Resampling>, size_t> stage_of;
  for (size_t i = 0; i < tasks.size(); ++i) {
    const auto [entry, is_new] = stage_of.try_emplace(tasks[i].resampling, made->stages_.size());
    if (is_new) made->stages_.emplace_back();
    made->stages_[entry->second].tasks.push_back(i);
    made->folds_.push_back(tasks[i].fold);
  }
  for (const auto& [resampling, index] : stage_of) {
    Stage& stage = made->stages_[index];
    if (resampling != nullptr) {
      ASSIGN_OR_RETURN(stage.resampler, Resampler::Create(resampling, time_column, schema));
    }
    std::vector<vector::MetricTask> metrics;
    for (const size_t task : stage.tasks) metrics.push_back(tasks[task].metric);
    ASSIGN_OR_RETURN(
        stage.evaluator,
        vector::Evaluator::Create(std::move(metrics), time_column,
                                  resampling == nullptr ? schema : stage.resampler->schema()));
  }
  return made;
}

absl::StatusOr<std::vector<vector::MetricPoints>> SeriesEvaluator::Evaluate(
    const columns::ColumnBatch& rows, const CallBounds& bounds) const {
  std::vector<vector::MetricPoints> all(folds_.size());
  for (const Stage& stage : stages_) {
    columns::ColumnBatch bars;
    if (stage.resampler != nullptr) {
      ASSIGN_OR_RETURN(bars, stage.resampler->Resample(rows, bounds));
    }
    ASSIGN_OR_RETURN(std::vector<vector::MetricPoints> points,
                     stage.evaluator->Evaluate(stage.resampler == nullptr ? rows : bars, bounds));
    for (size_t i = 0; i < points.size(); ++i) {
      const std::optional<PointFold>& fold = folds_[stage.tasks[i]];
      all[stage.tasks[i]] = fold.has_value() ? FoldPoints(points[i], *fold) : std::move(points[i]);
    }
  }
  return all;
}

}  // namespace metricstore::compute
