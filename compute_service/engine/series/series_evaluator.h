// From the rows of one entity to the points of its series, stage by stage: rows to bars, bars or
// rows to points, points to coarser points.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/columns/column_batch.h"
#include "common/expression/expression.h"
#include "common/time/cancellation.h"
#include "compute_service/engine/series/point_fold.h"
#include "compute_service/engine/series/resampler.h"
#include "compute_service/engine/vector/evaluator.h"

namespace metricstore::compute {

// How the points of one metric at one grain are made.
struct SeriesTask {
  // Over the rows; with a resampling over its bars, and without filters, which are that one's.
  vector::MetricTask metric;
  std::shared_ptr<const Resampling> resampling;  // shared by metrics of the same bars
  std::optional<PointFold> fold;                 // for a grain that is coarser than the metric's
};

// Compiled tasks. Immutable and thread-safe; each evaluation is single-threaded and gives the same
// bits for the same rows.
class SeriesEvaluator {
 public:
  // Errors as vector::Evaluator and Resampler.
  static absl::StatusOr<std::unique_ptr<const SeriesEvaluator>> Create(
      const std::vector<SeriesTask>& tasks, const std::string& time_column,
      const expression::Schema& schema);

  // Points in the order of the tasks; rows and errors as vector::Evaluator and Resampler. Bars of
  // one resampling are held at a time, beside the rows.
  absl::StatusOr<std::vector<vector::MetricPoints>> Evaluate(const columns::ColumnBatch& rows,
                                                             const CallBounds& bounds) const;

 private:
  // Metrics over the same rows: those given, or the bars of one resampling.
  struct Stage {
    std::unique_ptr<const Resampler> resampler;  // nullptr: the rows given
    std::unique_ptr<const vector::Evaluator> evaluator;
    std::vector<size_t> tasks;
  };

  SeriesEvaluator() = default;

  std::vector<Stage> stages_;
  std::vector<std::optional<PointFold>> folds_;  // of the tasks
};

}  // namespace metricstore::compute
