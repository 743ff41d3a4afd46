// How rows come into the points of a metric: through its window, and through the metrics it reads.
// Pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "common/calendar/calendar.h"
#include "common/calendar/window.h"
#include "common/time/grain.h"
#include "common/time/iso8601.h"
#include "registry_service/catalog/definition/metric_definition.h"
#include "registry_service/catalog/sources/metric_sources.h"

namespace metricstore::registry {

// The grain at which the metric is evaluated when its points are wanted at `grain`: its own where
// they are folded from its own points.
Grain GrainOfWindow(const MetricDefinition& metric, Grain grain);

// A window on a dataset's rows, and the way from its buckets to those of the points.
struct RowSource {
  // From the points of a metric to those of the one that reads them.
  struct Step {
    Grain grain = Grain::kDay;  // at which the reader is evaluated
    std::string offset;         // canonical; "" for none
    friend bool operator==(const Step&, const Step&) = default;
  };
  std::string dataset;
  calendar::Window window;
  Grain grain = Grain::kDay;  // at which the window is cut
  std::vector<Step> steps;    // the first is that of whoever reads the window's metric
};

// One text for sources that show the same rows in the same points.
std::string TextOf(const RowSource& source);

struct RowSources {
  std::vector<RowSource> sources;  // its own first, if it has one; each once
  // There are more ways than anyone writes: `sources` has some of them.
  bool is_cut = false;
};

inline constexpr size_t kMostRowSources = 256;

// Of points at `grain` of a metric that can be computed.
RowSources RowSourcesOf(const MetricDefinition& metric, Grain grain, SourceFinder& finder);

// The dates, in whole buckets of the points' grain, whose points rows of `dates` may change. Both
// within what the calendar knows; empty if there are none.
DateRange DatesThatShow(const calendar::Calendar& calendar, const RowSource& source, Grain grain,
                        DateRange dates);

// How many days before its bucket a point is made of, at most, by the offsets of the steps.
int64_t DaysOfOffsets(const RowSource& source);

// The dates of the buckets of `grain` that read a bucket of `dates` (whole buckets) by this offset,
// whether the calendar knows them or not: whole buckets.
DateRange DatesOfReaders(const calendar::Calendar& calendar, Grain grain, const std::string& offset,
                         DateRange dates);

// Likewise, as far as the calendar knows both.
DateRange DatesThatRead(const calendar::Calendar& calendar, Grain grain, const std::string& offset,
                        DateRange dates);

}  // namespace metricstore::registry
