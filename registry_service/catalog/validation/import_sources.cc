#include "registry_service/catalog/validation/import_sources.h"

#include <map>
#include <memory>
#include <string>

namespace metricstore::registry {
namespace {

const MetricDefinition* ServedMetric(const StoredDefinitions& stored, const std::string& id) {
  const auto found = stored.metrics.find(id);
  return found == stored.metrics.end() || found->second.deleted ? nullptr : &found->second.active;
}

const Dataset* StoredDataset(const StoredDefinitions& stored, const std::string& name) {
  const auto found = stored.datasets.find(name);
  return found == stored.datasets.end() ? nullptr : &found->second;
}

// nullptr: there, with faults.
struct Imported {
  std::map<std::string, const MetricDefinition*> metrics;
  std::map<std::string, const Dataset*> datasets;
};

}  // namespace

SourceFinder SourcesBefore(const StoredDefinitions& stored) {
  return SourceFinder([&stored](const std::string& id) { return ServedMetric(stored, id); },
                      [&stored](const std::string& name) { return StoredDataset(stored, name); });
}

SourceFinder SourcesAfter(const Definitions& definitions, const StoredDefinitions& stored) {
  auto imported = std::make_shared<Imported>();
  for (const auto& located : definitions.metrics) {
    imported->metrics.emplace(located.definition.id(),
                              located.faulty.empty() ? &located.definition : nullptr);
  }
  for (const auto& located : definitions.datasets) {
    imported->datasets.emplace(located.definition.name,
                               located.faulty.empty() ? &located.definition : nullptr);
  }
  return SourceFinder(
      [&stored, imported](const std::string& id) {
        const auto found = imported->metrics.find(id);
        return found == imported->metrics.end() ? ServedMetric(stored, id) : found->second;
      },
      [&stored, imported](const std::string& name) {
        const auto found = imported->datasets.find(name);
        return found == imported->datasets.end() ? StoredDataset(stored, name) : found->second;
      });
}

}  // namespace metricstore::registry
