#include "registry_service/catalog/validation/definition_check.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "registry_service/catalog/definition/metric_shape.h"
#include "registry_service/catalog/validation/import_ground.h"
#include "registry_service/catalog/validation/metric_binding.h"
#include "registry_service/catalog/validation/metric_references.h"
#include "registry_service/catalog/validation/metric_rules.h"
#include "registry_service/catalog/validation/metric_texts.h"
#include "registry_service/catalog/validation/running_totals.h"
#include "registry_service/catalog/validation/unknown_name.h"

namespace metricstore::registry {
namespace {

FieldFault Invalid(std::string field, std::string message) {
  return {std::move(field), "DEFINITION_INVALID", std::move(message), {}};
}

bool SameReadings(const MetricDefinition& a, const MetricDefinition& b) {
  return a.expression == b.expression && a.filters == b.filters && a.dataset == b.dataset &&
         a.dimensions == b.dimensions && a.window == b.window && a.sql == b.sql &&
         a.sql_variants == b.sql_variants;
}

// The state that an import would leave behind, and the checks that need it.
class ImportCheck {
 public:
  ImportCheck(Definitions& definitions, StoredDefinitions& stored, Faults& faults)
      : definitions_(definitions),
        stored_(stored),
        faults_(faults),
        ground_(definitions, stored, faults),
        texts_(ground_) {}

  void Run() {
    for (auto& notes : definitions_.columns) CheckNotes(notes);
    for (auto& metric : definitions_.metrics) CheckMetric(metric);
    CheckReferences(definitions_, stored_, texts_, faults_);
    CheckRunningTotals(definitions_, stored_, texts_, faults_);
    BindStored();
    CheckStoredMetrics();
  }

 private:
  // Whether the columns are there; what else makes notes sensible was checked in reading.
  void CheckNotes(Located<ColumnNotes>& located) {
    const ColumnNotes& notes = located.definition;
    if (!ground_.Defines(notes.table)) {
      if (ground_.may_have_more_datasets()) return;
      located.ReportNew({UnknownName("table", "dataset", notes.table, ground_.DatasetNames())},
                        faults_);
      return;
    }
    const Dataset* const dataset = ground_.Of(notes.table).dataset;
    if (dataset == nullptr) return;
    std::vector<FieldFault> found;
    for (size_t i = 0; i < notes.columns.size(); ++i) {
      const std::string& column = notes.columns[i].column;
      if (dataset->Find(column) != nullptr) continue;
      found.push_back(UnknownColumn(absl::StrCat("columns[", i, "].name"), column, *dataset));
    }
    located.ReportNew(found, faults_);
  }

  void CheckMetric(Located<MetricDefinition>& located) {
    MetricDefinition& metric = located.definition;
    if (located.path.empty()) {
      // An edit: its shape was not checked with a file's, and what the parser derives is not given.
      Report(located, CheckMetricShape(metric));
      metric.tables.clear();
      metric.depends_on.clear();
    }
    Report(located, CheckMetricForm(metric, texts_));
    const bool known = metric.dataset.empty() || ground_.Defines(metric.dataset);
    if (!known && !ground_.may_have_more_datasets()) {
      Report(located, {UnknownName("table", "dataset", metric.dataset, ground_.DatasetNames())});
    }
    Report(located, BindMetric(metric, ground_.Of(metric.dataset), texts_));
  }

  // A table may be given as `table` or as `dataset`: it is called what it was called there.
  void Report(Located<MetricDefinition>& located, std::vector<FieldFault> found) {
    for (FieldFault& fault : found) {
      if (fault.field == "table" && located.lines.contains("dataset")) fault.field = "dataset";
    }
    located.ReportNew(found, faults_);
  }

  // Stored metrics that the import brings, too: to be compared.
  void BindStored() {
    for (const auto& located : definitions_.metrics) {
      const auto found = stored_.metrics.find(located.definition.id());
      if (found == stored_.metrics.end()) continue;
      for (MetricDefinition* metric : {&found->second.latest, &found->second.active}) {
        BindCanonical(*metric, ground_.Of(metric->dataset), stored_.datasets, texts_);
      }
    }
  }

  // No stored metric loses its ground to a dataset or calendar that changes.
  void CheckStoredMetrics() {
    const std::set<std::string> affected = AffectedDatasets(definitions_, stored_);
    if (affected.empty()) return;
    std::set<std::string> imported;
    for (const auto& located : definitions_.metrics) imported.insert(located.definition.id());
    for (const auto& [id, metric] : stored_.metrics) {
      if (metric.deleted || imported.contains(id)) continue;
      CheckStoredMetric(id, metric.latest, affected);
      if (!SameReadings(metric.latest, metric.active)) {
        CheckStoredMetric(id, metric.active, affected);
      }
    }
  }

  void CheckStoredMetric(const std::string& id, const MetricDefinition& stored,
                         const std::set<std::string>& affected) {
    std::vector<std::string> tables = stored.tables;
    if (!stored.dataset.empty()) tables.push_back(stored.dataset);
    const auto table = std::find_if(tables.begin(), tables.end(), [&](const std::string& name) {
      return affected.contains(name);
    });
    if (table == tables.end()) return;
    const MetricGround ground = ground_.Of(stored.dataset);
    MetricDefinition metric = stored;
    metric.tables.clear();
    metric.depends_on.clear();
    metric.tests.clear();
    for (const FieldFault& fault : BindMetric(metric, ground, texts_)) {
      Blame(*table,
            absl::StrCat("metric \"", id, "\" would no longer make sense: ", fault.message));
    }
  }

  // Reports at the imported definition that changes the ground of a stored metric.
  void Blame(const std::string& table, const std::string& message) {
    for (auto& located : definitions_.datasets) {
      if (located.definition.name != table) continue;
      located.Report(Invalid("name", message), faults_);
      return;
    }
    const auto dataset = stored_.datasets.find(table);
    if (dataset == stored_.datasets.end()) return;
    for (auto& located : definitions_.calendars) {
      if (located.definition.name != dataset->second.calendar) continue;
      located.Report(Invalid("name", message), faults_);
      return;
    }
  }

  Definitions& definitions_;
  StoredDefinitions& stored_;
  Faults& faults_;
  ImportGround ground_;
  MetricTexts texts_;
};

}  // namespace

void CheckDefinitions(Definitions& definitions, StoredDefinitions& stored, Faults& faults) {
  ImportCheck(definitions, stored, faults).Run();
}

}  // namespace metricstore::registry
