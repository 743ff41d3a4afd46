#include "registry_service/catalog/diff/import_changes.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "registry_service/calendars/calendar_json.h"
#include "registry_service/catalog/diff/broken_readers.h"
#include "registry_service/catalog/diff/ground_diff.h"
#include "registry_service/catalog/diff/metric_diff.h"

namespace metricstore::registry {
namespace {

std::string NameOf(const calendar::CalendarSpec& calendar) { return calendar.name; }
std::string NameOf(const Dataset& dataset) { return dataset.name; }
std::string NameOf(const ColumnNotes& notes) { return notes.table; }
std::string NameOf(const MetricDefinition& metric) { return metric.id(); }

// One change for each definition of a list, by name, made by `classify(definition, change)`.
template <typename Definition, typename Classify>
std::vector<ImportChange> ClassifyAll(const std::vector<Located<Definition>>& list,
                                      const char* kind, Classify classify) {
  std::vector<ImportChange> changes;
  for (size_t i = 0; i < list.size(); ++i) {
    ImportChange change;
    change.index = i;
    change.outcome.kind = kind;
    change.outcome.name = NameOf(list[i].definition);
    change.outcome.path = list[i].path;
    classify(list[i].definition, change);
    changes.push_back(std::move(change));
  }
  std::sort(changes.begin(), changes.end(), [](const ImportChange& a, const ImportChange& b) {
    return a.outcome.name < b.outcome.name;
  });
  return changes;
}

void ClassifyCalendar(const calendar::CalendarSpec& spec, const StoredDefinitions& stored,
                      ImportChange& change) {
  ImportOutcome& outcome = change.outcome;
  const auto found = stored.calendars.find(spec.name);
  if (found == stored.calendars.end()) {
    outcome.action = ImportAction::kCreated;
    outcome.version = 1;
    return;
  }
  const calendar::Calendar& before = *found->second.calendar;
  outcome.version = before.version();
  if (CalendarToJson(spec) == CalendarToJson(before.spec())) return;
  outcome.action = ImportAction::kChanged;
  ++outcome.version;
  change.changes = DiffCalendars(before.spec(), spec);
}

void ClassifyDataset(const Dataset& dataset, const StoredDefinitions& stored,
                     ImportChange& change) {
  const auto found = stored.datasets.find(dataset.name);
  if (found == stored.datasets.end()) {
    change.outcome.action = ImportAction::kCreated;
  } else if (!SameDefinition(dataset, found->second)) {
    change.outcome.action = ImportAction::kChanged;
    change.changes = DiffDatasets(found->second, dataset);
  }
}

// New where nobody but the dataset's own definition says anything of any of these columns.
void ClassifyColumns(const ColumnNotes& notes, const StoredDefinitions& stored,
                     ImportChange& change) {
  std::vector<ColumnNote> before;
  if (const auto found = stored.column_notes.find(notes.table);
      found != stored.column_notes.end()) {
    before = found->second;
  }
  change.changes = DiffColumnNotes(before, notes.columns);
  if (change.changes.empty()) return;
  const bool any_noted = std::any_of(before.begin(), before.end(), [&](const ColumnNote& note) {
    return note.source != "definition" &&
           std::any_of(notes.columns.begin(), notes.columns.end(),
                       [&](const ColumnNote& after) { return after.column == note.column; });
  });
  change.outcome.action = any_noted ? ImportAction::kChanged : ImportAction::kCreated;
  if (!any_noted) change.changes.clear();
}

// A version that waited comes to be served: to its readers that is a change, whatever the file says
// of the newest one.
FieldChange Promotion(const StoredMetric& before, const MetricDefinition& metric) {
  const std::string version = absl::StrCat(before.latest_version);
  return {.field = "active_version",
          .before = absl::StrCat(before.active_version),
          .after = version,
          .breaking = IsBreaking(DiffMetrics(before.active, metric)),
          .reason = absl::StrCat("version ", version, ", which waited, is served")};
}

void ClassifyMetric(const MetricDefinition& metric, const StoredDefinitions& stored, bool promote,
                    ImportChange& change) {
  ImportOutcome& outcome = change.outcome;
  const auto found = stored.metrics.find(outcome.name);
  if (found == stored.metrics.end()) {
    outcome.action = ImportAction::kCreated;
    outcome.version = outcome.active_version = 1;
    change.makes_version = true;
    return;
  }
  const StoredMetric& before = found->second;
  change.changes = DiffMetrics(before.latest, metric);
  change.makes_version = ChangesMeaning(change.changes);
  outcome.version = before.latest_version + (change.makes_version ? 1 : 0);
  outcome.active_version = promote ? outcome.version : before.active_version;
  change.promotes = outcome.active_version != before.active_version && !change.makes_version;
  if (before.latest_version != before.active_version) {
    change.served_changes = DiffMetrics(before.active, metric);
    change.served_version = before.active_version;
  }
  if (change.promotes) change.changes.push_back(Promotion(before, metric));
  if (before.deleted) {
    outcome.action = ImportAction::kRestored;
  } else if (!change.changes.empty()) {
    outcome.action = ImportAction::kChanged;
  }
}

}  // namespace

ImportChanges ClassifyImport(const Definitions& definitions, const StoredDefinitions& stored,
                             bool promote) {
  ImportChanges changes;
  changes.calendars = ClassifyAll(definitions.calendars, "calendar",
                                  [&](const auto& calendar, ImportChange& change) {
                                    ClassifyCalendar(calendar, stored, change);
                                  });
  changes.datasets = ClassifyAll(
      definitions.datasets, "dataset",
      [&](const auto& dataset, ImportChange& change) { ClassifyDataset(dataset, stored, change); });
  changes.columns = ClassifyAll(
      definitions.columns, "columns",
      [&](const auto& notes, ImportChange& change) { ClassifyColumns(notes, stored, change); });
  changes.metrics =
      ClassifyAll(definitions.metrics, "metric", [&](const auto& metric, ImportChange& change) {
        ClassifyMetric(metric, stored, promote, change);
      });
  MarkBrokenReaders(definitions, stored, changes);
  return changes;
}

}  // namespace metricstore::registry
