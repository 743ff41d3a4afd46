#include "registry_service/catalog/plan/import_planner.h"

#include <map>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "registry_service/catalog/definition/metric_shape.h"
#include "registry_service/catalog/diff/import_changes.h"
#include "registry_service/catalog/diff/metric_diff.h"
#include "registry_service/catalog/effects/stored_effects.h"
#include "registry_service/catalog/plan/definition_reports.h"
#include "registry_service/catalog/plan/metric_readers.h"
#include "registry_service/catalog/plan/stale_results.h"
#include "registry_service/catalog/store/checked_import.h"
#include "registry_service/catalog/store/served_versions.h"
#include "registry_service/catalog/store/stored_loader.h"
#include "registry_service/catalog/validation/calendar_doubts.h"
#include "registry_service/catalog/validation/catalog_doubts.h"
#include "registry_service/catalog/validation/definition_check.h"
#include "registry_service/catalog/validation/import_ground.h"
#include "registry_service/catalog/validation/metric_doubts.h"
#include "registry_service/datasets/raw_table_writer.h"

namespace metricstore::registry {
namespace {

// Metrics that a change of the definition concerns.
std::set<std::string> DependentsOf(const ImportOutcome& outcome, const MetricReaders& readers) {
  const bool changes =
      outcome.action == ImportAction::kChanged || outcome.action == ImportAction::kRestored;
  if (!changes || outcome.kind == "columns") return {};
  std::set<std::string> dependents;
  if (outcome.kind == "calendar") dependents = readers.ReadersOfCalendar(outcome.name);
  if (outcome.kind == "dataset") dependents = readers.ReadersOfDataset(outcome.name);
  if (outcome.kind == "metric") dependents = {outcome.name};
  dependents.merge(readers.AllReaders(dependents));
  dependents.erase(outcome.name);
  return dependents;
}

void AddChanges(std::vector<ImportChange>& changes, const MetricReaders& readers,
                ImportPlan& plan) {
  for (ImportChange& change : changes) {
    PlannedChange planned;
    const std::set<std::string> dependents = DependentsOf(change.outcome, readers);
    planned.dependents.assign(dependents.begin(), dependents.end());
    const bool changed = change.outcome.action != ImportAction::kUnchanged;
    planned.breaking = changed && (IsBreaking(change.changes) || IsBreaking(change.served_changes));
    planned.served_changes = std::move(change.served_changes);
    planned.served_version = change.served_version;
    planned.makes_version = change.makes_version;
    planned.outcome = std::move(change.outcome);
    planned.changes = std::move(change.changes);
    plan.changes.push_back(std::move(planned));
  }
}

// Whether an import would refuse a dataset for what is stored in its table.
absl::Status CheckTables(pg::Transaction& transaction, int32_t project_id,
                         const Definitions& definitions, const StoredDefinitions& stored,
                         const ImportChanges& changes) {
  for (const ImportChange& change : changes.datasets) {
    if (change.outcome.action == ImportAction::kUnchanged) continue;
    const auto before = stored.datasets.find(change.outcome.name);
    RETURN_IF_ERROR(CheckRawTable(transaction, project_id,
                                  before == stored.datasets.end() ? nullptr : &before->second,
                                  definitions.datasets[change.index].definition));
  }
  return absl::OkStatus();
}

absl::StatusOr<ImportPlan> MakePlan(pg::Transaction& transaction, int32_t project_id,
                                    Definitions definitions, Faults faults, bool promote) {
  CheckedImport planned;
  StoredDefinitions& stored = planned.before;
  ASSIGN_OR_RETURN(stored, LoadStored(transaction, project_id, definitions));
  CheckDefinitions(definitions, stored, faults);
  RETURN_IF_ERROR(faults.ToStatus());
  ImportChanges& changes = planned.changes;
  changes = ClassifyImport(definitions, stored, promote);
  CheckServedVersions(definitions, stored, changes, faults);
  RETURN_IF_ERROR(faults.ToStatus());
  RETURN_IF_ERROR(CheckTables(transaction, project_id, definitions, stored, changes));
  const MetricReaders readers(definitions, stored);
  ImportPlan plan;
  RETURN_IF_ERROR(
      FindStoredEffects(transaction, project_id, definitions, stored, changes).status());
  RETURN_IF_ERROR(ReadStaleResults(transaction, project_id, StaleMetrics(changes, readers),
                                   definitions, changes, plan));
  plan.warnings = WarningsOf(definitions, planned);
  for (auto* list : {&changes.calendars, &changes.datasets, &changes.columns, &changes.metrics}) {
    AddChanges(*list, readers, plan);
  }
  for (SameMeaningPair& pair : FindSameMeaning(definitions, stored)) {
    plan.near_duplicates.push_back({std::move(pair.metric), std::move(pair.other)});
  }
  return plan;
}

// Everything that is stored, as if files defined it; each definition has a path of its own, which
// tells its faults from others'.
Definitions DefinitionsOf(const StoredDefinitions& stored, Faults& faults) {
  Definitions definitions;
  const auto locate = [](const char* kind, const std::string& name, auto definition) {
    Located<decltype(definition)> located;
    located.definition = std::move(definition);
    located.path = absl::StrCat(kind, " ", name);
    return located;
  };
  for (const auto& [name, calendar] : stored.calendars) {
    definitions.calendars.push_back(locate("calendar", name, calendar.calendar->spec()));
  }
  for (const auto& [name, dataset] : stored.datasets) {
    definitions.datasets.push_back(locate("dataset", name, dataset));
  }
  for (const auto& [table, notes] : stored.column_notes) {
    ColumnNotes told{table, {}};
    for (const ColumnNote& note : notes) {
      if (note.source != kDefinitionSource) told.columns.push_back(note);
    }
    if (!told.columns.empty()) definitions.columns.push_back(locate("columns", table, told));
  }
  for (const auto& [id, metric] : stored.metrics) {
    if (metric.deleted) continue;
    auto located = locate("metric", id, metric.latest);
    // Derived anew.
    located.definition.tables.clear();
    located.definition.depends_on.clear();
    located.ReportNew(CheckMetricShape(located.definition), faults);
    definitions.metrics.push_back(std::move(located));
  }
  return definitions;
}

// What is checked, with what was found in it.
struct Checked {
  Definitions definitions;
  StoredDefinitions stored;
  Faults faults;
  std::vector<ServedFault> served;  // of everything stored
};

// Everything that is stored.
absl::Status CheckStore(pg::Transaction& transaction, int32_t project_id, Checked& checked) {
  ASSIGN_OR_RETURN(checked.stored, LoadAllStored(transaction, project_id));
  checked.served = CheckStoredServedVersions(checked.stored);
  checked.definitions = DefinitionsOf(checked.stored, checked.faults);
  // They are what is checked, not what it is checked against.
  std::erase_if(checked.stored.metrics, [](const auto& entry) { return !entry.second.deleted; });
  CheckDefinitions(checked.definitions, checked.stored, checked.faults);
  return absl::OkStatus();
}

// Reports where an import would be refused for what is stored in the tables of its datasets.
absl::Status CheckTablesOf(pg::Transaction& transaction, int32_t project_id, Checked& checked) {
  for (auto& located : checked.definitions.datasets) {
    const Dataset& dataset = located.definition;
    const auto found = checked.stored.datasets.find(dataset.name);
    const Dataset* before = found == checked.stored.datasets.end() ? nullptr : &found->second;
    if (!located.faulty.empty() || (before != nullptr && SameDefinition(*before, dataset))) {
      continue;
    }
    const absl::Status refusal = CheckRawTable(transaction, project_id, before, dataset);
    if (refusal.ok()) continue;
    const auto details = status::DetailsOf(refusal);
    if (!details.has_value() || details->reason != "DATASET_CHANGE_REFUSED") return refusal;
    located.Report({"name", details->reason, std::string(refusal.message()), details->metadata},
                   checked.faults);
  }
  return absl::OkStatus();
}

// What an import of the definitions would check.
absl::Status CheckFiles(pg::Transaction& transaction, int32_t project_id, Checked& checked) {
  ASSIGN_OR_RETURN(checked.stored, LoadStored(transaction, project_id, checked.definitions));
  CheckDefinitions(checked.definitions, checked.stored, checked.faults);
  if (checked.faults.empty()) {
    const ImportChanges changes = ClassifyImport(checked.definitions, checked.stored, false);
    CheckServedVersions(checked.definitions, checked.stored, changes, checked.faults);
  }
  return CheckTablesOf(transaction, project_id, checked);
}

void AddServedFaults(const Checked& checked, DefinitionReports& reports) {
  std::map<std::string, size_t> places;
  for (size_t i = 0; i < checked.definitions.metrics.size(); ++i) {
    places[checked.definitions.metrics[i].definition.id()] = i;
  }
  for (const ServedFault& served : checked.served) {
    reports.AddToMetric(places.at(served.metric), served.fault);
  }
}

void AddCalendarDoubts(const Checked& checked, DefinitionReports& reports) {
  for (size_t i = 0; i < checked.definitions.calendars.size(); ++i) {
    if (!reports.IsFineCalendar(i)) continue;
    for (Finding& doubt : CalendarDoubts(checked.definitions.calendars[i])) {
      reports.AddToCalendar(i, std::move(doubt));
    }
  }
}

void AddDoubts(const Checked& checked, const ImportGround& ground, DefinitionReports& reports) {
  AddCalendarDoubts(checked, reports);
  const auto doubts = CatalogDoubts(checked.definitions, checked.stored);
  for (size_t i = 0; i < checked.definitions.metrics.size(); ++i) {
    if (!reports.IsFine(i)) continue;
    const MetricDefinition& metric = checked.definitions.metrics[i].definition;
    for (Finding& doubt : MetricDoubts(metric, ground.Of(metric.dataset).dataset)) {
      reports.AddToMetric(i, std::move(doubt));
    }
    const auto found = doubts.find(metric.id());
    if (found == doubts.end()) continue;
    for (const Finding& doubt : found->second) reports.AddToMetric(i, doubt);
  }
}

absl::Status AddTestResults(const Checked& checked, const ImportGround& ground,
                            MetricTestRunner& runner, const CallBounds& bounds,
                            DefinitionReports& reports) {
  std::vector<TestedMetric> tested;
  std::vector<size_t> places;
  for (size_t i = 0; i < checked.definitions.metrics.size(); ++i) {
    const MetricDefinition& metric = checked.definitions.metrics[i].definition;
    const MetricGround under = ground.Of(metric.dataset);
    // Without its ground nothing can be said; that is a fault of the dataset or calendar.
    if (metric.tests.empty() || !reports.IsFine(i) || under.calendar == nullptr) continue;
    tested.push_back({&metric, under.dataset, under.calendar});
    places.push_back(i);
  }
  if (tested.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::vector<TestReport> results, runner.Run(tested, bounds));
  for (size_t i = 0; i < results.size(); ++i) {
    reports.SetTestsPassed(places[i], results[i].passed);
    for (const FieldFault& fault : results[i].faults) reports.AddToMetric(places[i], fault);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ImportPlan> ImportPlanner::Plan(int32_t project_id,
                                               std::span<const DefinitionFile> files, bool promote,
                                               const CallBounds& bounds) {
  Faults read_faults;
  const Definitions read = ReadDefinitions(files, read_faults);
  ImportPlan plan;
  const auto make = [&](pg::Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(plan, MakePlan(transaction, project_id, read, read_faults, promote));
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(pool_.Run(bounds, pg::TransactionMode::kReadOnlySnapshot, make));
  return plan;
}

absl::StatusOr<std::vector<DefinitionReport>> ImportPlanner::Validate(
    int32_t project_id, std::span<const DefinitionFile> files, bool skip_tests,
    const CallBounds& bounds, bool with_metrics) {
  const bool of_store = files.empty();
  Checked read;
  read.definitions = ReadDefinitions(files, read.faults);
  Checked checked;
  const auto check = [&](pg::Transaction& transaction) -> absl::Status {
    // The transaction may run again: it starts from what was read each time.
    checked = read;
    return of_store ? CheckStore(transaction, project_id, checked)
                    : CheckFiles(transaction, project_id, checked);
  };
  RETURN_IF_ERROR(pool_.Run(bounds, pg::TransactionMode::kReadOnlySnapshot, check));
  DefinitionReports reports(checked.definitions);
  for (const Fault& fault : checked.faults.all()) reports.Add(fault);
  // What is wrong with it was told by the check.
  Faults told;
  const ImportGround ground(checked.definitions, checked.stored, told);
  AddDoubts(checked, ground, reports);
  if (!skip_tests) {
    RETURN_IF_ERROR(AddTestResults(checked, ground, tests_, bounds, reports));
  }
  AddServedFaults(checked, reports);
  for (size_t i = 0; with_metrics && i < checked.definitions.metrics.size(); ++i) {
    if (reports.IsFine(i)) reports.ShowMetric(i);
  }
  std::vector<DefinitionReport> all = std::move(reports).Take();
  if (of_store) {
    for (DefinitionReport& report : all) report.path.clear();
  }
  return all;
}

}  // namespace metricstore::registry
