// The metrics that metrics read, directly or through others, and the datasets of all of them.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/time/cancellation.h"
#include "registry_service/catalog/store/metric_store.h"
#include "registry_service/datasets/dataset_store.h"

namespace metricstore::registry {

// Not thread-safe. What it is made of must outlive it.
class ReadDefinitions {
 public:
  ReadDefinitions(int32_t project_id, MetricStore& metrics, DatasetStore& datasets,
                  const CallBounds& bounds)
      : project_id_(project_id),
        metric_store_(metrics),
        dataset_store_(datasets),
        bounds_(bounds) {}

  // Loads what `metrics` read, as it is served, level by level. Errors of the stores.
  absl::Status Load(const std::vector<MetricDefinition>& metrics);

  // What was loaded; nullptr for anything else.
  const MetricDefinition* Metric(const std::string& id) const;
  const Dataset* DatasetOf(const std::string& name) const;

  // Of the metrics that were loaded, by id.
  std::vector<std::pair<std::string, int>> Versions() const;
  // Adds those that the metric reads, directly or through others.
  void AddReads(const MetricDefinition& metric, std::map<std::string, int>& reads) const;

 private:
  absl::Status LoadDataset(const std::string& name);

  const int32_t project_id_;
  MetricStore& metric_store_;
  DatasetStore& dataset_store_;
  const CallBounds& bounds_;
  std::map<std::string, MetricDefinition> metrics_;
  std::map<std::string, std::shared_ptr<const Dataset>> datasets_;
};

}  // namespace metricstore::registry
