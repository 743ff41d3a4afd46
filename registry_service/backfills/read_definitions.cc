#include "registry_service/backfills/read_definitions.h"

#include "common/status/macros.h"

namespace metricstore::registry {

absl::Status ReadDefinitions::Load(const std::vector<MetricDefinition>& metrics) {
  std::set<std::string> wanted;
  const auto look = [&](const MetricDefinition& metric) -> absl::Status {
    for (const std::string& id : metric.depends_on) {
      if (!metrics_.contains(id)) wanted.insert(id);
    }
    return LoadDataset(metric.dataset);
  };
  for (const MetricDefinition& metric : metrics) RETURN_IF_ERROR(look(metric));
  while (!wanted.empty()) {
    std::vector<MetricName> names;
    for (const std::string& id : wanted) names.push_back({id, 0});
    wanted.clear();
    ASSIGN_OR_RETURN(std::vector<MetricDefinition> read,
                     metric_store_.BatchGet(project_id_, names, bounds_));
    for (MetricDefinition& metric : read) {
      const std::string id = metric.id();
      metrics_.emplace(id, std::move(metric));
    }
    for (const MetricName& name : names) RETURN_IF_ERROR(look(metrics_.at(name.name)));
  }
  return absl::OkStatus();
}

absl::Status ReadDefinitions::LoadDataset(const std::string& name) {
  if (name.empty() || datasets_.contains(name)) return absl::OkStatus();
  ASSIGN_OR_RETURN(datasets_[name], dataset_store_.Get(project_id_, name, bounds_));
  return absl::OkStatus();
}

const MetricDefinition* ReadDefinitions::Metric(const std::string& id) const {
  const auto found = metrics_.find(id);
  return found == metrics_.end() ? nullptr : &found->second;
}

const Dataset* ReadDefinitions::DatasetOf(const std::string& name) const {
  const auto found = datasets_.find(name);
  return found == datasets_.end() ? nullptr : found->second.get();
}

std::vector<std::pair<std::string, int>> ReadDefinitions::Versions() const {
  std::vector<std::pair<std::string, int>> versions;
  for (const auto& [id, metric] : metrics_) versions.emplace_back(id, metric.version);
  return versions;
}

void ReadDefinitions::AddReads(const MetricDefinition& metric,
                               std::map<std::string, int>& reads) const {
  std::vector<const MetricDefinition*> waiting = {&metric};
  while (!waiting.empty()) {
    const MetricDefinition& reader = *waiting.back();
    waiting.pop_back();
    for (const std::string& id : reader.depends_on) {
      const MetricDefinition* const read = Metric(id);
      if (read != nullptr && reads.emplace(id, read->version).second) waiting.push_back(read);
    }
  }
}

}  // namespace metricstore::registry
