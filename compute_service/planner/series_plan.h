// From metrics, grains and dates to what is read, what is evaluated over rows, and what is made of
// the points of that.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "common/calendar/calendar.h"
#include "compute_service/engine/series/derived_series.h"
#include "compute_service/engine/series/point_fold.h"
#include "compute_service/planner/metric_graph.h"
#include "compute_service/planner/row_plan.h"

namespace metricstore::compute {

// A series that is asked for.
struct AskedSeries {
  size_t metric = 0;  // index in the graph
  Grain grain = Grain::kDay;
  Dates dates;  // in whole buckets
  // Instead of the metric's own expression: a part of it that reads no other metric.
  BoundPtr part = nullptr;
};

// The points of a task of a source.
struct SeriesOfRows {
  size_t source = 0;
  size_t task = 0;
};

// The points of an earlier series, folded.
struct SeriesOfPoints {
  size_t series = 0;
  PointFold fold;
  std::vector<StartRange> ranges;  // what the fold takes
};

struct PlannedSeries {
  size_t metric = 0;  // index in the graph
  Grain grain = Grain::kDay;
  std::variant<SeriesOfRows, DerivedTask, SeriesOfPoints> way;
};

// What is handed out of a series.
struct PlannedOutput {
  size_t series = 0;
  std::vector<StartRange> ranges;  // of the points that were asked for
  bool is_whole = true;            // all points of the series are
};

// Immutable once made. It refers to the calendar it was made with, which must outlive it.
struct SeriesPlan {
  std::vector<RowPlan> sources;        // by name; of the home dataset last
  std::vector<PlannedSeries> series;   // what is read comes first
  std::vector<PlannedOutput> outputs;  // in the order asked

  const RowPlan& home() const { return sources.back(); }
};

// Each metric of the graph is evaluated once at a grain, for all that ask for it or read it, over
// the dates that these need. All that is asked for has the same home dataset, whose calendar is
// `calendar`. INVALID_ARGUMENT, always for good, told by `blame`: a window that does not fit the
// calendar and the grain, a timeframe or a rollup that makes no sense, a column without the rollup
// that its bars need (DEFINITION_INVALID), an expression that does not fit the bars
// (EXPRESSION_INVALID), weeks to be folded into months, an offset of hours at a coarser grain
// (NOT_SUPPORTED), dates that the calendar does not know or that are not whole buckets
// (FIELD_INVALID).
absl::StatusOr<SeriesPlan> PlanSeries(const MetricGraph& graph, std::span<const AskedSeries> asked,
                                      const calendar::Calendar& calendar, const Blame& blame);

// Parts of an expression that read no other metric and hold an aggregate, as large as they come,
// from left to right.
std::vector<const expression::Node*> OwnParts(const expression::Node& root);

}  // namespace metricstore::compute
