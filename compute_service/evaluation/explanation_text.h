// The steps of an evaluation as lines for people.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "compute_service/evaluation/explanation.h"
#include "compute_service/planner/metric_graph.h"
#include "compute_service/planner/series_plan.h"

namespace metricstore::compute {

// What an explanation does not say by itself.
struct EvaluationFacts {
  std::vector<int64_t> rows_of_sources;  // of plan.sources
  bool is_folded = false;                // from points at the metric's own grain
  int64_t folded_points = 0;             // how many there were
  std::optional<int64_t> bars;           // what the rows of the bucket became; nullopt: not counted
};

std::vector<std::string> PlanLines(const Explanation& explanation, const MetricGraph& graph,
                                   size_t root, const SeriesPlan& plan,
                                   const EvaluationFacts& facts);

}  // namespace metricstore::compute
