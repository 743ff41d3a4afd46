#include "registry_service/catalog/store/checked_import.h"

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "registry_service/catalog/diff/broken_readers.h"
#include "registry_service/catalog/effects/stored_effects.h"
#include "registry_service/catalog/store/definition_writer.h"
#include "registry_service/catalog/store/served_versions.h"
#include "registry_service/catalog/validation/calendar_doubts.h"
#include "registry_service/catalog/validation/catalog_doubts.h"
#include "registry_service/catalog/validation/metric_doubts.h"

namespace metricstore::registry {
namespace {

// More would not be read by anybody.
constexpr size_t kMaxWarnings = 1000;

using CalendarPtr = std::shared_ptr<const calendar::Calendar>;

bool Changes(const ImportChange& change) {
  return change.outcome.action != ImportAction::kUnchanged;
}

// Datasets and calendars as the import leaves them.
class Ground {
 public:
  Ground(const Definitions& definitions, const StoredDefinitions& stored,
         const ImportChanges& changes)
      : stored_(stored) {
    for (const auto& [name, dataset] : stored.datasets) datasets_[name] = &dataset;
    for (const ImportChange& change : changes.datasets) {
      const Dataset& dataset = definitions.datasets[change.index].definition;
      datasets_[dataset.name] = &dataset;
      if (Changes(change)) changed_datasets_.insert(dataset.name);
    }
    for (const ImportChange& change : changes.calendars) {
      if (!Changes(change)) continue;
      const calendar::CalendarSpec& spec = definitions.calendars[change.index].definition;
      changed_calendars_[spec.name] = {&spec, change.outcome.version};
    }
  }

  // nullptr for a metric that needs none.
  const Dataset* DatasetOf(const MetricDefinition& metric) const {
    const auto found = datasets_.find(metric.dataset);
    return found == datasets_.end() ? nullptr : found->second;
  }

  // Whether the rows or the sessions under the metric may look different after the import.
  bool ChangesUnder(const MetricDefinition& metric) const {
    const Dataset* dataset = DatasetOf(metric);
    return dataset != nullptr && (changed_datasets_.contains(dataset->name) ||
                                  changed_calendars_.contains(dataset->calendar));
  }

  // Made only where a test needs it.
  absl::StatusOr<CalendarPtr> CalendarOf(const Dataset* dataset) {
    if (dataset == nullptr || dataset->calendar.empty()) return CalendarPtr();
    CalendarPtr& calendar = calendars_[dataset->calendar];
    if (calendar != nullptr) return calendar;
    if (const auto changed = changed_calendars_.find(dataset->calendar);
        changed != changed_calendars_.end()) {
      const auto& [spec, version] = changed->second;
      ASSIGN_OR_RETURN(calendar, calendar::Calendar::Create(*spec, version));
    } else if (const auto found = stored_.calendars.find(dataset->calendar);
               found != stored_.calendars.end()) {
      calendar = found->second.calendar;
    }
    return calendar;
  }

 private:
  const StoredDefinitions& stored_;
  std::map<std::string, const Dataset*> datasets_;
  std::set<std::string> changed_datasets_;
  std::map<std::string, std::pair<const calendar::CalendarSpec*, int>> changed_calendars_;
  std::map<std::string, CalendarPtr> calendars_;
};

// Faults of tests go to `faults`, at the lines of the metrics' files. False if tests are yet to be
// run.
absl::StatusOr<bool> FindTestReports(Definitions& definitions, Ground& ground,
                                     ImportChanges& changes, TestLedger& tests, Faults& faults) {
  std::vector<MetricUnderTest> tested;
  std::vector<ImportChange*> of_tested;
  for (ImportChange& change : changes.metrics) {
    const MetricDefinition& metric = definitions.metrics[change.index].definition;
    if (metric.tests.empty() || !(Changes(change) || ground.ChangesUnder(metric))) continue;
    const Dataset* dataset = ground.DatasetOf(metric);
    ASSIGN_OR_RETURN(CalendarPtr calendar, ground.CalendarOf(dataset));
    tested.push_back({&metric, dataset, std::move(calendar)});
    of_tested.push_back(&change);
  }
  const auto reports = tests.Find(tested);
  if (!reports.has_value()) return false;
  for (size_t i = 0; i < reports->size(); ++i) {
    of_tested[i]->outcome.tests_run = (*reports)[i].passed;
    auto& located = definitions.metrics[of_tested[i]->index];
    for (const FieldFault& fault : (*reports)[i].faults) located.Report(fault, faults);
  }
  return true;
}

// Nobody sees the words of a version that waits.
void DoubtWaitingWords(const ImportChange& change, std::vector<Finding>& doubts) {
  const ImportOutcome& outcome = change.outcome;
  const bool waits = outcome.active_version != outcome.version;
  if (!waits || change.makes_version || change.changes.empty()) return;
  doubts.push_back({Severity::kWarning, "WORDS_WAIT", change.changes.front().field, 0,
                    absl::StrCat("version ", outcome.version,
                                 " waits to be promoted; until then readers are served version ",
                                 outcome.active_version, " with its words"),
                    ""});
}

void DoubtBrokenReaders(const ImportChange& change, std::vector<Finding>& doubts) {
  if (change.broken_readers.empty()) return;
  const auto breaking = std::find_if(change.changes.begin(), change.changes.end(),
                                     [](const FieldChange& field) { return field.breaking; });
  doubts.push_back({Severity::kWarning, "READERS_BROKEN",
                    breaking == change.changes.end() ? "" : breaking->field, 0,
                    absl::StrCat("a breaking change: ", BrokenReadersText(change)), ""});
}

}  // namespace

absl::StatusOr<CheckedImport> CheckAndWrite(pg::Transaction& transaction, int32_t project_id,
                                            Definitions& definitions, Faults faults,
                                            const WriteOptions& options, TestLedger& tests,
                                            Beside beside) {
  CheckedImport done;
  ASSIGN_OR_RETURN(done.before, LoadStored(transaction, project_id, definitions, beside));
  CheckDefinitions(definitions, done.before, faults);
  RETURN_IF_ERROR(faults.ToStatus());
  done.changes = ClassifyImport(definitions, done.before, options.promote);
  CheckServedVersions(definitions, done.before, done.changes, faults);
  RETURN_IF_ERROR(faults.ToStatus());
  if (!options.skip_tests) {
    Ground ground(definitions, done.before, done.changes);
    ASSIGN_OR_RETURN(const bool tested,
                     FindTestReports(definitions, ground, done.changes, tests, faults));
    if (!tested) return tests.Stop();
    RETURN_IF_ERROR(faults.ToStatus());
  }
  if (tests.looking()) return tests.Stop();
  ASSIGN_OR_RETURN(
      const StoredEffects effects,
      FindStoredEffects(transaction, project_id, definitions, done.before, done.changes));
  RETURN_IF_ERROR(
      WriteDefinitions(transaction, project_id, definitions, done.before, done.changes));
  RETURN_IF_ERROR(WriteStoredEffects(transaction, project_id, effects));
  return done;
}

std::vector<DefinitionReport> WarningsOf(const Definitions& definitions,
                                         const CheckedImport& done) {
  const Ground ground(definitions, done.before, done.changes);
  std::map<std::string, std::vector<Finding>> of_catalog = CatalogDoubts(definitions, done.before);
  std::vector<DefinitionReport> warnings;
  for (const ImportChange& change : done.changes.calendars) {
    if (!Changes(change)) continue;
    const auto& located = definitions.calendars[change.index];
    std::vector<Finding> doubts = CalendarDoubts(located);
    if (doubts.empty()) continue;
    warnings.push_back(
        {"calendar", change.outcome.name, located.path, std::move(doubts), 0, nullptr});
  }
  for (const ImportChange& change : done.changes.metrics) {
    if (!Changes(change)) continue;
    const auto& located = definitions.metrics[change.index];
    const MetricDefinition& metric = located.definition;
    std::vector<Finding> doubts = MetricDoubts(metric, ground.DatasetOf(metric));
    for (Finding& doubt : of_catalog[metric.id()]) doubts.push_back(std::move(doubt));
    DoubtBrokenReaders(change, doubts);
    DoubtWaitingWords(change, doubts);
    if (doubts.empty()) continue;
    for (Finding& doubt : doubts) doubt.line = located.LineOf(doubt.field);
    warnings.push_back({"metric", metric.id(), located.path, std::move(doubts),
                        change.outcome.tests_run, nullptr});
  }
  if (warnings.size() > kMaxWarnings) warnings.resize(kMaxWarnings);
  return warnings;
}

}  // namespace metricstore::registry
