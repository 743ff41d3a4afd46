// Which datasets metrics are computed from, directly or through the metrics that they read.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "registry_service/catalog/definition/metric_definition.h"
#include "registry_service/catalog/sources/metric_calls.h"
#include "registry_service/datasets/dataset.h"

namespace metricstore::registry {

// What a metric is computed from.
struct MetricSources {
  // Whose calendar cuts its buckets and whose entities have its series: its own dataset, else that
  // of the first metric that it reads.
  std::string home;
  std::vector<std::string> datasets;  // all that it reads, the home too: sorted
  std::vector<MetricCall> calls;      // as its expression has them
  std::string why_not;                // why it cannot be computed; empty if it can
  std::string blamed;                 // the metric of `calls` for which; empty if for none of them
  // Whether anything that it reads, directly or through others, is not defined: then `why_not` may
  // say nothing else.
  bool reads_unknown = false;
};

// What the metric's points are that other metrics cannot read: "texts", "vectors" or "conditions";
// "" for numbers, and for an expression that does not bind. `dataset` is the metric's, nullptr for
// none.
std::string OtherThanNumbers(const MetricDefinition& metric, const Dataset* dataset);

// Finds the sources of metrics, each once. Not thread-safe; what its functions return must outlive
// it.
class SourceFinder {
 public:
  // What readers of the metric are given; nullptr if there is none.
  using FindMetric = std::function<const MetricDefinition*(const std::string& id)>;
  using FindDataset = std::function<const Dataset*(const std::string& name)>;

  SourceFinder(FindMetric metrics, FindDataset datasets)
      : metrics_(std::move(metrics)), datasets_(std::move(datasets)) {}

  // Valid as long as the finder.
  const MetricSources& Of(const MetricDefinition& metric);
  const MetricDefinition* Find(const std::string& id) const { return metrics_(id); }

 private:
  using Key = std::pair<std::string, int>;  // id, version
  struct Known {
    MetricSources sources;
    int levels = 1;      // of metrics that are read through one another, with it
    std::string cause;   // id of the metric that cannot be computed for a reason of its own
    std::string reason;  // that one's; chains of reasons would grow with the levels
    // What its points are instead: known once another metric reads it.
    std::optional<std::string> other_than_numbers;
  };
  // A metric on the path that is being followed.
  struct Open {
    const MetricDefinition* metric;
    MetricSources sources;
    size_t next = 0;  // of its calls
  };

  static Key KeyOf(const MetricDefinition& metric) { return {metric.id(), metric.version}; }
  static Open OpenOf(const MetricDefinition& metric);
  void Finish(Open open);

  const FindMetric metrics_;
  const FindDataset datasets_;
  std::map<Key, Known> known_;
};

}  // namespace metricstore::registry
