// Which buckets of metrics a change of calendars cuts in another way.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/calendar/calendar.h"
#include "common/time/grain.h"
#include "common/time/iso8601.h"
#include "registry_service/catalog/definition/metric_definition.h"

namespace metricstore::registry {

// A calendar before and after, and the datasets under which it changes.
struct CalendarChange {
  std::shared_ptr<const calendar::Calendar> before;
  std::shared_ptr<const calendar::Calendar> after;
  std::set<std::string> datasets;
};

// In order, those that touch or overlap as one.
std::vector<DateRange> Joined(std::vector<DateRange> ranges);

// Not thread-safe. Buckets of one window and grain are compared once, over all of `dates`.
class BucketChanges {
 public:
  // What is served of a metric by its id; nullptr if there is none.
  using FindServed = std::function<const MetricDefinition*(const std::string& id)>;

  BucketChanges(CalendarChange change, DateRange dates, FindServed served)
      : change_(std::move(change)), dates_(dates), served_(std::move(served)) {}

  // The dates of the metric's buckets of `grain` that differ, those too that differ in the metrics
  // it reads: whole buckets, ranges in order that do not touch.
  std::vector<DateRange> Of(const MetricDefinition& metric, Grain grain);

 private:
  void AddRows(const MetricDefinition& metric, Grain grain, std::set<std::string>& seen,
               std::vector<DateRange>& changed);
  const std::vector<DateRange>& Compare(const calendar::Window& window, Grain grain);

  const CalendarChange change_;
  const DateRange dates_;
  const FindServed served_;
  std::map<std::pair<std::string, Grain>, std::vector<DateRange>> compared_;  // by window's text
};

}  // namespace metricstore::registry
