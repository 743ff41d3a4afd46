// The bars of a plan: metrics that ask for the same ones share them.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/calendar/calendar.h"
#include "common/expression/expression.h"
#include "compute_service/definition/definitions.h"
#include "compute_service/engine/series/series_evaluator.h"

namespace metricstore::compute {

// Whether rows become bars before the metric's expression sees them: not if they are bars of the
// timeframe already.
bool IsResampled(const MetricDefinition& metric, const Dataset& dataset);

// The schema of bars with all columns of the dataset that can be resampled: each by its rollup, the
// time column as the bar's start, the entity column as it is.
expression::Schema BarSchema(const Dataset& dataset);

// Dataset and calendar must outlive it, and the calendar what it hands out. Not thread-safe.
class SharedResamplings {
 public:
  SharedResamplings(const Dataset& dataset, const calendar::Calendar& calendar)
      : dataset_(dataset), calendar_(calendar) {}

  // Turns a task over rows, with the metric's filters and buckets at `grain`, into one over bars.
  // What is handed out grows until the last metric was taken in. INVALID_ARGUMENT
  // (DEFINITION_INVALID, field timeframe...) for a timeframe that makes no sense or a column that
  // cannot be resampled; EXPRESSION_INVALID for an expression that does not fit the bars.
  absl::Status Apply(const MetricDefinition& metric, Grain grain, SeriesTask* task);

 private:
  struct Entry {
    std::vector<std::string> filters;  // canonical, sorted, distinct
    std::shared_ptr<Resampling> resampling;
  };

  absl::Status CheckBars(const MetricDefinition& metric) const;
  absl::StatusOr<std::vector<vector::ColumnFold>> FoldsOf(const SeriesTask& task) const;
  Entry& EntryOf(const MetricDefinition& metric, Grain grain, const SeriesTask& task);

  const Dataset& dataset_;
  const calendar::Calendar& calendar_;
  std::vector<Entry> entries_;
};

}  // namespace metricstore::compute
