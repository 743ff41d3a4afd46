#include "compute_service/planner/definition_source.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/macros.h"

namespace metricstore::compute {

void RegistryDefinitions::Replace(DefinitionPtr metric) {
  std::string id = metric->ref.id;
  replacements_.insert_or_assign(std::move(id), std::move(metric));
}

void RegistryDefinitions::ReadAs(std::span<const MetricRef> versions) {
  for (const MetricRef& read : versions) versions_.insert_or_assign(read.id, read.version);
}

absl::StatusOr<std::vector<DefinitionPtr>> RegistryDefinitions::GetMetrics(
    std::span<const MetricRef> refs) {
  std::vector<DefinitionPtr> metrics(refs.size());
  std::vector<MetricRef> stored;
  for (size_t i = 0; i < refs.size(); ++i) {
    const auto replacement = replacements_.find(refs[i].id);
    if (refs[i].version == 0 && replacement != replacements_.end()) {
      metrics[i] = replacement->second;
    } else {
      stored.push_back(refs[i]);
      const auto given = versions_.find(refs[i].id);
      if (refs[i].version == 0 && given != versions_.end()) stored.back().version = given->second;
    }
  }
  if (stored.empty()) return metrics;
  ASSIGN_OR_RETURN(std::vector<DefinitionPtr> found,
                   registry_.GetMetrics(project_, stored, bounds_));
  auto next = found.begin();
  for (DefinitionPtr& metric : metrics) {
    if (metric == nullptr) metric = std::move(*next++);
  }
  return metrics;
}

absl::StatusOr<DatasetPtr> RegistryDefinitions::GetDataset(const std::string& name) {
  const auto known = datasets_.find(name);
  if (known != datasets_.end()) return known->second;
  ASSIGN_OR_RETURN(DatasetPtr dataset, registry_.GetDataset(project_, name, bounds_));
  datasets_[name] = dataset;
  return dataset;
}

std::vector<std::string> RegistryDefinitions::GivenIds() const {
  std::vector<std::string> ids;
  for (const auto& [id, metric] : replacements_) ids.push_back(id);
  return ids;
}

OneDataset::OneDataset(const Dataset& dataset)
    : dataset_(std::make_shared<const Dataset>(dataset)) {}

absl::StatusOr<std::vector<DefinitionPtr>> OneDataset::GetMetrics(std::span<const MetricRef> refs) {
  if (refs.empty()) return std::vector<DefinitionPtr>();
  return status::ErrorBuilder(absl::StatusCode::kInvalidArgument, "NOT_SUPPORTED",
                              absl::StrCat("reads metric ", refs.front().id,
                                           "; given rows are evaluated for one metric alone"))
      .Metadata("field", "expression")
      .Metadata("metric", refs.front().id)
      .Build();
}

absl::StatusOr<DatasetPtr> OneDataset::GetDataset(const std::string& name) {
  if (name == dataset_->name) return dataset_;
  return status::FieldInvalid("dataset", name,
                              absl::StrCat("the rows are those of ", dataset_->name));
}

}  // namespace metricstore::compute
