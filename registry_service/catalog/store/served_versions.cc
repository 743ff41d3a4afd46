#include "registry_service/catalog/store/served_versions.h"

#include <map>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"

namespace metricstore::registry {
namespace {

// Whether what the definition reads may be another after the import.
bool ReadsAny(const MetricDefinition& metric, const std::set<std::string>& datasets) {
  if (datasets.contains(metric.dataset)) return true;
  for (const std::string& table : metric.tables) {
    if (datasets.contains(table)) return true;
  }
  return false;
}

// The version as an import would bring it: what follows from it is derived anew, its tests are not
// those of the newest one. Faults are told apart by path, which is the id.
Located<MetricDefinition> Served(const std::string& id, const MetricDefinition& metric) {
  Located<MetricDefinition> located;
  located.definition = metric;
  located.definition.tables.clear();
  located.definition.depends_on.clear();
  located.definition.tests.clear();
  located.path = id;
  return located;
}

// Versions that go on being served while the import's wait, beside everything else as it will be
// served.
class ServedWorld {
 public:
  ServedWorld(const Definitions& definitions, StoredDefinitions& stored,
              const ImportChanges& changes)
      : stored_(stored), affected_(AffectedDatasets(definitions, stored)) {
    after_.calendars = definitions.calendars;
    after_.datasets = definitions.datasets;
    for (const ImportChange& change : changes.metrics) {
      Add(definitions.metrics[change.index].definition, change);
    }
  }

  // By id the first of what is wrong, of those that the import could break.
  std::map<std::string, std::string> Faulty() {
    std::map<std::string, std::string> messages;
    if (after_.metrics.empty()) return messages;
    Faults faults;
    CheckDefinitions(after_, stored_, faults);
    for (const Fault& fault : faults.all()) {
      if (concerned_.contains(fault.path) || fault.reason == "DEPENDENCY_CYCLE") {
        messages.emplace(fault.path, fault.message);
      }
    }
    return messages;
  }

 private:
  void Add(const MetricDefinition& newest, const ImportChange& change) {
    const ImportOutcome& outcome = change.outcome;
    if (outcome.active_version == outcome.version) {
      // Checked already; the others may read it.
      stored_.summaries[outcome.name].depends_on = newest.depends_on;
      return;
    }
    const MetricDefinition& served = stored_.metrics.at(outcome.name).active;
    after_.metrics.push_back(Served(outcome.name, served));
    if (outcome.action == ImportAction::kRestored || ReadsAny(served, affected_)) {
      concerned_.insert(outcome.name);
    }
  }

  StoredDefinitions& stored_;
  const std::set<std::string> affected_;
  Definitions after_;
  std::set<std::string> concerned_;
};

}  // namespace

void CheckServedVersions(Definitions& definitions, StoredDefinitions& stored,
                         const ImportChanges& changes, Faults& faults) {
  const auto messages = ServedWorld(definitions, stored, changes).Faulty();
  if (messages.empty()) return;
  for (const ImportChange& change : changes.metrics) {
    const auto found = messages.find(change.outcome.name);
    if (found == messages.end()) continue;
    definitions.metrics[change.index].Report(
        {"name",
         "DEFINITION_INVALID",
         absl::StrCat("version ", change.outcome.active_version,
                      ", which goes on being served, would no longer make sense: ", found->second,
                      "; promote a version that fits before, or the new one with the import"),
         {}},
        faults);
  }
}

std::vector<ServedFault> CheckStoredServedVersions(StoredDefinitions& stored) {
  Definitions served;
  for (auto& [id, metric] : stored.metrics) {
    if (metric.deleted) continue;
    stored.summaries[id].depends_on = metric.active.depends_on;
    if (metric.active_version == metric.latest_version) continue;
    served.metrics.push_back(Served(id, metric.active));
  }
  std::vector<ServedFault> found;
  if (served.metrics.empty()) return found;
  Faults faults;
  CheckDefinitions(served, stored, faults);
  for (const Fault& fault : faults.all()) {
    const int version = stored.metrics.at(fault.path).active_version;
    ServedFault told{fault.path, version, {"", fault.reason, "", fault.metadata}};
    if (const auto field = fault.metadata.find("field"); field != fault.metadata.end()) {
      told.fault.field = field->second;
    }
    told.fault.message = absl::StrCat("version ", version, ", which is served: ", fault.message);
    found.push_back(std::move(told));
  }
  return found;
}

}  // namespace metricstore::registry
