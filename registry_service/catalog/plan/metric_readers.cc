#include "registry_service/catalog/plan/metric_readers.h"

#include <utility>

namespace metricstore::registry {

MetricReaders::MetricReaders(const Definitions& definitions, const StoredDefinitions& stored) {
  std::set<std::string> imported;
  for (const auto& located : definitions.metrics) {
    const MetricDefinition& metric = located.definition;
    imported.insert(metric.id());
    for (const std::string& read : metric.depends_on) readers_[read].push_back(metric.id());
    AddMetric(metric.id(), metric);
  }
  for (const auto& [id, summary] : stored.summaries) {
    if (imported.contains(id)) continue;
    for (const std::string& read : summary.depends_on) readers_[read].push_back(id);
  }
  for (const auto& [id, metric] : stored.metrics) {
    if (metric.deleted || imported.contains(id)) continue;
    AddMetric(id, metric.latest);
    AddMetric(id, metric.active);
  }
  std::map<std::string, const Dataset*> datasets;
  for (const auto& [name, dataset] : stored.datasets) datasets[name] = &dataset;
  for (const auto& located : definitions.datasets) {
    datasets[located.definition.name] = &located.definition;
  }
  for (const auto& [name, dataset] : datasets) {
    datasets_of_calendar_[dataset->calendar].insert(name);
  }
}

void MetricReaders::AddMetric(const std::string& id, const MetricDefinition& metric) {
  if (!metric.dataset.empty()) of_dataset_[metric.dataset].insert(id);
  for (const std::string& table : metric.tables) of_dataset_[table].insert(id);
}

std::set<std::string> MetricReaders::AllReaders(const std::set<std::string>& ids) const {
  std::set<std::string> reached;
  std::vector<std::string> open(ids.begin(), ids.end());
  while (!open.empty()) {
    const auto found = readers_.find(open.back());
    open.pop_back();
    if (found == readers_.end()) continue;
    for (const std::string& reader : found->second) {
      if (reached.insert(reader).second) open.push_back(reader);
    }
  }
  return reached;
}

std::set<std::string> MetricReaders::ReadersOfDataset(const std::string& dataset) const {
  const auto found = of_dataset_.find(dataset);
  return found == of_dataset_.end() ? std::set<std::string>() : found->second;
}

std::set<std::string> MetricReaders::ReadersOfCalendar(const std::string& calendar) const {
  std::set<std::string> readers;
  const auto found = datasets_of_calendar_.find(calendar);
  if (found == datasets_of_calendar_.end()) return readers;
  for (const std::string& dataset : found->second) readers.merge(ReadersOfDataset(dataset));
  return readers;
}

}  // namespace metricstore::registry
