// Where planning finds the metrics and datasets that definitions name.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/time/cancellation.h"
#include "compute_service/definition/definitions.h"
#include "compute_service/registry_client/registry_client.h"

namespace metricstore::compute {

using DefinitionPtr = std::shared_ptr<const MetricDefinition>;
using DatasetPtr = std::shared_ptr<const Dataset>;

// Not thread-safe.
class DefinitionSource {
 public:
  virtual ~DefinitionSource() = default;
  // In the order asked; version 0 asks for what readers are served. Errors as
  // RegistryClient::GetMetrics.
  virtual absl::StatusOr<std::vector<DefinitionPtr>> GetMetrics(
      std::span<const MetricRef> refs) = 0;
  // Errors as RegistryClient::GetDataset.
  virtual absl::StatusOr<DatasetPtr> GetDataset(const std::string& name) = 0;
  // Ids of metrics that the registry does not know of: another may have been meant by one that is
  // not there.
  virtual std::vector<std::string> GivenIds() const { return {}; }
};

// Those of a project, each dataset asked for once, but for definitions that came with a request:
// they take the place of stored ones. So do given versions, of those that are served. What it
// refers to must outlive it.
class RegistryDefinitions : public DefinitionSource {
 public:
  RegistryDefinitions(RegistryClient& registry, std::string_view project, const CallBounds& bounds)
      : registry_(registry), project_(project), bounds_(bounds) {}

  // Metrics that read this one's id read `metric` from now on.
  void Replace(DefinitionPtr metric);
  // Metrics that read these ids read these versions from now on.
  void ReadAs(std::span<const MetricRef> versions);

  absl::StatusOr<std::vector<DefinitionPtr>> GetMetrics(std::span<const MetricRef> refs) override;
  absl::StatusOr<DatasetPtr> GetDataset(const std::string& name) override;
  std::vector<std::string> GivenIds() const override;

 private:
  RegistryClient& registry_;
  const std::string project_;
  const CallBounds& bounds_;
  std::map<std::string, DefinitionPtr> replacements_;  // by id
  std::map<std::string, int> versions_;                // by id
  std::map<std::string, DatasetPtr> datasets_;
};

// One dataset, and no metrics that others could read.
class OneDataset : public DefinitionSource {
 public:
  explicit OneDataset(const Dataset& dataset);

  // INVALID_ARGUMENT (NOT_SUPPORTED, metadata metric): nobody knows other metrics here.
  absl::StatusOr<std::vector<DefinitionPtr>> GetMetrics(std::span<const MetricRef> refs) override;
  // INVALID_ARGUMENT (FIELD_INVALID) for any other dataset.
  absl::StatusOr<DatasetPtr> GetDataset(const std::string& name) override;

 private:
  const DatasetPtr dataset_;
};

}  // namespace metricstore::compute
