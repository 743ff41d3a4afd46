// What compute knows of a metric version and of a dataset: plain values, fixed once read.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/calendar/buckets.h"
#include "common/calendar/window.h"
#include "common/expression/expression.h"
#include "common/time/grain.h"

namespace metricstore::compute {

// Names one version of a metric; version 0 asks for the active one.
struct MetricRef {
  std::string id;  // "category/name"
  int32_t version = 0;
  friend auto operator<=>(const MetricRef&, const MetricRef&) = default;
};

// The parts of a metric version that say how it is computed.
struct MetricDefinition {
  MetricRef ref;        // version 0 of a definition that came with a request
  std::string dataset;  // empty: reads other metrics alone
  Grain grain = Grain::kDay;
  std::string expression;            // empty only for a metric that is a whole SELECT
  std::vector<std::string> filters;  // all must hold for a row to count
  calendar::Window window;
  std::optional<absl::Duration> timeframe;  // of the bars to which rows are resampled first
  calendar::BarAlignment alignment = calendar::BarAlignment::kClock;
  std::string rollup;  // folds points into coarser grains; empty: those are computed from rows
};

// The parts of a dataset that say how its rows are read.
struct Dataset {
  std::string name;
  std::string calendar;  // the name of the one that it follows now
  expression::Schema schema;
  std::string time_column;                  // empty: rows have no time, so nothing can be computed
  std::string entity_column;                // empty: rows belong to nobody
  std::optional<absl::Duration> timeframe;  // what one row covers
  // How columns are resampled, by name: first, last, min, max, sum, avg. Others are not.
  std::map<std::string, std::string> rollups;
};

}  // namespace metricstore::compute
