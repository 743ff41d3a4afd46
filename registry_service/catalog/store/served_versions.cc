#include "registry_service/catalog/store/served_versions.h"

#include <optional>
#include <set>
#include <string>

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

// The first of what is wrong with `metric` after the import, or "".
std::string FaultAfter(const Definitions& definitions, const StoredDefinitions& others,
                       const MetricDefinition& metric) {
  Definitions after;
  after.calendars = definitions.calendars;
  after.datasets = definitions.datasets;
  after.metrics.emplace_back();
  after.metrics.front().definition = metric;
  after.metrics.front().definition.tests.clear();
  after.metrics.front().lines.emplace("dataset", 0);
  StoredDefinitions stored = others;
  Faults faults;
  CheckDefinitions(after, stored, faults);
  return std::string(faults.ToStatus().message());
}

// What is stored but for the metrics that the import replaces.
StoredDefinitions WithoutImported(const StoredDefinitions& stored, const Definitions& definitions) {
  StoredDefinitions others = stored;
  for (const auto& located : definitions.metrics) others.metrics.erase(located.definition.id());
  return others;
}

}  // namespace

void CheckServedVersions(Definitions& definitions, const StoredDefinitions& stored,
                         const ImportChanges& changes, Faults& faults) {
  const std::set<std::string> affected = AffectedDatasets(definitions, stored);
  std::optional<StoredDefinitions> others;
  for (const ImportChange& change : changes.metrics) {
    const ImportOutcome& outcome = change.outcome;
    const auto found = stored.metrics.find(outcome.name);
    if (found == stored.metrics.end() || outcome.active_version == outcome.version) continue;
    const MetricDefinition& served = found->second.active;
    if (outcome.action != ImportAction::kRestored && !ReadsAny(served, affected)) continue;
    if (!others.has_value()) others = WithoutImported(stored, definitions);
    const std::string why = FaultAfter(definitions, *others, served);
    if (why.empty()) continue;
    definitions.metrics[change.index].Report(
        {"name",
         "DEFINITION_INVALID",
         absl::StrCat("version ", outcome.active_version,
                      ", which goes on being served, would no longer make sense: ", why,
                      "; promote a version that fits before, or the new one with the import"),
         {}},
        faults);
  }
}

}  // namespace metricstore::registry
