// Which buckets of metrics a change of calendars or datasets fills in another way.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "common/calendar/calendar.h"
#include "common/calendar/calendar_diff.h"
#include "common/time/grain.h"
#include "common/time/iso8601.h"
#include "registry_service/catalog/definition/metric_definition.h"
#include "registry_service/catalog/sources/metric_sources.h"
#include "registry_service/datasets/dataset.h"

namespace metricstore::registry {

// A dataset before and after.
struct DatasetChange {
  Dataset before, after;
};

// What changes under metrics: the calendar of some datasets, or how their rows become bars.
struct GroundChange {
  std::shared_ptr<const calendar::Calendar> before, after;  // the same where it does not change
  std::map<std::string, DatasetChange> datasets;            // by name
};

// In order, those that touch or overlap as one.
std::vector<DateRange> Joined(std::vector<DateRange> ranges);

// The bars that the metric is made of over a dataset like this; unset where it sees rows as they
// are.
std::optional<calendar::BarCut> BarsOf(const MetricDefinition& metric, const Dataset& dataset);

// Whether the metric sees other bars, or rows instead of bars, though the calendar stays: the
// timeframe of the dataset's rows came to be, or ceased to be, that of the metric, or a column that
// it reads is rolled up in another way.
bool BarsDiffer(const MetricDefinition& metric, const DatasetChange& dataset);

// Not thread-safe. Buckets of one window, grain and kind of bars are compared once, over all of
// `dates`, and so are those of a metric that others read. What it is made of must outlive it.
class BucketChanges {
 public:
  // `sources` finds what is served of metrics.
  BucketChanges(const GroundChange& change, DateRange dates, SourceFinder& sources)
      : change_(change), dates_(dates), sources_(sources) {}

  // The dates of the metric's buckets of `grain` that differ, those too that differ in the metrics
  // it reads: whole buckets, ranges in order that do not touch.
  std::vector<DateRange> Of(const MetricDefinition& metric, Grain grain);

 private:
  using Comparison = std::tuple<std::string, Grain, int64_t, calendar::BarAlignment>;

  // What is served of it, at the grain at which another one reads it.
  const std::vector<DateRange>& OfRead(const MetricDefinition& metric, Grain grain);
  // Of the rows of its own dataset; `grain` is the one at which its window is cut.
  std::vector<DateRange> OwnChanges(const MetricDefinition& metric, Grain grain);
  const std::vector<DateRange>& Compare(const calendar::Window& window, Grain grain,
                                        const std::optional<calendar::BarCut>& bars);

  const GroundChange& change_;
  const DateRange dates_;
  SourceFinder& sources_;
  std::map<Comparison, std::vector<DateRange>> compared_;
  std::map<std::pair<std::string, Grain>, std::vector<DateRange>> of_read_;
};

}  // namespace metricstore::registry
