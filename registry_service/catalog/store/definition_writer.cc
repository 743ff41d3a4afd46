#include "registry_service/catalog/store/definition_writer.h"

#include <algorithm>

#include "common/status/macros.h"
#include "registry_service/calendars/calendar_json.h"
#include "registry_service/calendars/calendar_rows.h"
#include "registry_service/catalog/definition/metric_json.h"
#include "registry_service/catalog/store/metric_statements.h"
#include "registry_service/catalog/validation/metric_rules.h"
#include "registry_service/datasets/dataset_rows.h"
#include "registry_service/datasets/raw_table_writer.h"

namespace metricstore::registry {
namespace {

// One import takes several turns at the same tables; the same order in all imports avoids
// deadlocks.
template <typename Definition, typename Name>
std::vector<const Located<Definition>*> Ordered(const std::vector<Located<Definition>>& list,
                                                Name name) {
  std::vector<const Located<Definition>*> ordered;
  for (const auto& located : list) ordered.push_back(&located);
  std::sort(ordered.begin(), ordered.end(), [&](const auto* a, const auto* b) {
    return name(a->definition) < name(b->definition);
  });
  return ordered;
}

// Rows of metrics that go to the database in one statement each.
struct MetricRows {
  std::vector<std::string> ids, names, categories, definitions, etags;
  std::vector<int32_t> active_versions, latest_versions;

  void Add(const MetricDefinition& metric, int active_version, int latest_version) {
    ids.push_back(metric.id());
    names.push_back(metric.name);
    categories.push_back(metric.category);
    active_versions.push_back(active_version);
    latest_versions.push_back(latest_version);
    definitions.push_back(MetricToJson(metric));
    etags.push_back(EtagOf(metric, latest_version));
  }
};

class DefinitionWriter {
 public:
  DefinitionWriter(pg::Transaction& transaction, int32_t project_id,
                   const StoredDefinitions& stored)
      : transaction_(transaction), project_id_(project_id), stored_(stored) {}

  absl::Status WriteCalendar(const Located<calendar::CalendarSpec>& located) {
    const calendar::CalendarSpec& spec = located.definition;
    ImportOutcome outcome{"calendar", spec.name, ImportAction::kCreated, 1, located.path};
    if (const auto found = stored_.calendars.find(spec.name); found != stored_.calendars.end()) {
      const calendar::Calendar& before = *found->second.calendar;
      const bool same = CalendarToJson(spec) == CalendarToJson(before.spec());
      outcome.action = same ? ImportAction::kUnchanged : ImportAction::kChanged;
      outcome.version = same ? before.version() : before.version() + 1;
    }
    outcomes_.push_back(outcome);
    if (outcome.action == ImportAction::kUnchanged) return absl::OkStatus();
    return SaveCalendarVersion(transaction_, project_id_, spec, outcome.version);
  }

  absl::Status WriteDataset(const Located<Dataset>& located) {
    const Dataset& dataset = located.definition;
    ImportOutcome outcome{"dataset", dataset.name, ImportAction::kCreated, 0, located.path};
    const auto found = stored_.datasets.find(dataset.name);
    if (found == stored_.datasets.end()) {
      RETURN_IF_ERROR(CreateRawTable(transaction_, project_id_, dataset));
    } else if (SameDefinition(dataset, found->second)) {
      outcome.action = ImportAction::kUnchanged;
    } else {
      outcome.action = ImportAction::kChanged;
      RETURN_IF_ERROR(ChangeRawTable(transaction_, project_id_, found->second, dataset));
    }
    outcomes_.push_back(outcome);
    if (outcome.action == ImportAction::kUnchanged) return absl::OkStatus();
    return SaveDataset(transaction_, project_id_, dataset);
  }

  void AddMetric(const Located<MetricDefinition>& located, const Dataset& dataset) {
    const MetricDefinition& metric = located.definition;
    ImportOutcome outcome{"metric", metric.id(), ImportAction::kCreated, 1, located.path};
    const auto found = stored_.metrics.find(metric.id());
    if (found == stored_.metrics.end()) {
      rows_.Add(metric, 1, 1);
    } else if (const StoredMetric& before = found->second;
               MetricToJson(metric) == MetricToJson(before.definition)) {
      outcome.action = ImportAction::kUnchanged;
      outcome.version = before.latest_version;
    } else if (SameMeaning(metric, before.definition, dataset)) {
      outcome.action = ImportAction::kChanged;
      outcome.version = before.latest_version;
      rows_.Add(metric, before.active_version, before.latest_version);
    } else {
      outcome.action = ImportAction::kChanged;
      outcome.version = before.latest_version + 1;
      // Served at once: versions are not promoted yet.
      rows_.Add(metric, outcome.version, outcome.version);
    }
    outcomes_.push_back(std::move(outcome));
  }

  absl::Status WriteMetrics() {
    if (rows_.ids.empty()) return absl::OkStatus();
    pg::Params metrics;
    metrics.Add(project_id_).AddArray(rows_.ids).AddArray(rows_.names).AddArray(rows_.categories);
    metrics.AddArray(rows_.active_versions).AddArray(rows_.latest_versions);
    metrics.AddArray(rows_.definitions).AddArray(rows_.etags);
    RETURN_IF_ERROR(transaction_.Execute(kUpsertMetrics, metrics).status());
    pg::Params versions;
    versions.Add(project_id_).AddArray(rows_.ids).AddArray(rows_.latest_versions);
    versions.AddArray(rows_.definitions);
    return transaction_.Execute(kUpsertMetricVersions, versions).status();
  }

  std::vector<ImportOutcome> TakeOutcomes() { return std::move(outcomes_); }

 private:
  pg::Transaction& transaction_;
  const int32_t project_id_;
  const StoredDefinitions& stored_;
  std::vector<ImportOutcome> outcomes_;
  MetricRows rows_;
};

// The dataset that a checked metric reads, as the import leaves it.
const Dataset& DatasetOf(const MetricDefinition& metric, const Definitions& definitions,
                         const StoredDefinitions& stored) {
  for (const auto& located : definitions.datasets) {
    if (located.definition.name == metric.dataset) return located.definition;
  }
  return stored.datasets.at(metric.dataset);
}

}  // namespace

absl::StatusOr<std::vector<ImportOutcome>> WriteDefinitions(pg::Transaction& transaction,
                                                            int32_t project_id,
                                                            const Definitions& definitions,
                                                            const StoredDefinitions& stored) {
  DefinitionWriter writer(transaction, project_id, stored);
  const auto name = [](const auto& definition) { return definition.name; };
  for (const auto* calendar : Ordered(definitions.calendars, name)) {
    RETURN_IF_ERROR(writer.WriteCalendar(*calendar));
  }
  for (const auto* dataset : Ordered(definitions.datasets, name)) {
    RETURN_IF_ERROR(writer.WriteDataset(*dataset));
  }
  const auto id = [](const MetricDefinition& metric) { return metric.id(); };
  for (const auto* metric : Ordered(definitions.metrics, id)) {
    writer.AddMetric(*metric, DatasetOf(metric->definition, definitions, stored));
  }
  RETURN_IF_ERROR(writer.WriteMetrics());
  return writer.TakeOutcomes();
}

}  // namespace metricstore::registry
