#include "registry_service/catalog/effects/import_causes.h"

#include <map>
#include <memory>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/macros.h"
#include "registry_service/catalog/diff/metric_diff.h"

namespace metricstore::registry {
namespace {

using CalendarPtr = std::shared_ptr<const calendar::Calendar>;

// Calendars as the import leaves them.
class CalendarsAfter {
 public:
  CalendarsAfter(const Definitions& definitions, const StoredDefinitions& stored,
                 const ImportChanges& changes)
      : stored_(stored) {
    for (const ImportChange& change : changes.calendars) {
      if (change.outcome.action == ImportAction::kUnchanged) continue;
      const calendar::CalendarSpec& spec = definitions.calendars[change.index].definition;
      changed_[spec.name] = {&spec, change.outcome.version};
    }
  }

  // nullptr for a dataset without a calendar.
  absl::StatusOr<CalendarPtr> Find(const std::string& name) {
    if (const auto made = made_.find(name); made != made_.end()) return made->second;
    CalendarPtr& calendar = made_[name];
    if (const auto changed = changed_.find(name); changed != changed_.end()) {
      const auto& [spec, version] = changed->second;
      ASSIGN_OR_RETURN(calendar, calendar::Calendar::Create(*spec, version));
    } else if (const auto found = stored_.calendars.find(name); found != stored_.calendars.end()) {
      calendar = found->second.calendar;
    }
    return calendar;
  }

 private:
  const StoredDefinitions& stored_;
  std::map<std::string, std::pair<const calendar::CalendarSpec*, int>> changed_;
  std::map<std::string, CalendarPtr> made_;
};

// A stored dataset that the import changes, or names.
struct ImportedDataset {
  ImportChange* change;
  DatasetChange dataset;
};
using ImportedDatasets = std::map<std::string, ImportedDataset>;

ImportedDatasets DatasetsOf(const Definitions& definitions, const StoredDefinitions& stored,
                            ImportChanges& changes) {
  ImportedDatasets imported;
  for (ImportChange& change : changes.datasets) {
    const auto before = stored.datasets.find(change.outcome.name);
    if (before == stored.datasets.end()) continue;
    imported[before->first] = {&change,
                               {before->second, definitions.datasets[change.index].definition}};
  }
  return imported;
}

bool Moves(const DatasetChange& dataset) {
  return dataset.before.calendar != dataset.after.calendar;
}

std::string DetailOf(const calendar::Calendar& calendar) {
  return absl::StrCat(calendar.spec().name, " version ", calendar.version());
}

// Fields of the dataset that say what bars its rows become.
std::vector<std::string> BarFields(const ImportChange& change) {
  std::vector<std::string> fields;
  for (const FieldChange& field : change.changes) {
    const bool rollup =
        absl::StartsWith(field.field, "columns[") && absl::EndsWith(field.field, "].rollup");
    if (rollup || field.field == "timeframe") fields.push_back(field.field);
  }
  return fields;
}

// The datasets under which the calendar changes, as they are after the import: what else of them
// changes is a cause of its own.
std::map<std::string, DatasetChange> DatasetsUnder(const std::string& calendar,
                                                   const StoredDefinitions& stored,
                                                   const ImportedDatasets& imported) {
  std::map<std::string, DatasetChange> datasets;
  for (const auto& [name, dataset] : stored.datasets) {
    const auto found = imported.find(name);
    const Dataset& after = found == imported.end() ? dataset : found->second.dataset.after;
    if (dataset.calendar == calendar && after.calendar == calendar) datasets[name] = {after, after};
  }
  return datasets;
}

}  // namespace

absl::StatusOr<std::vector<Cause>> FindCauses(const Definitions& definitions,
                                              const StoredDefinitions& stored,
                                              ImportChanges& changes) {
  CalendarsAfter after(definitions, stored, changes);
  const ImportedDatasets imported = DatasetsOf(definitions, stored, changes);
  std::vector<Cause> causes;
  const auto add_calendar = [&](ImportChange& change, const std::string& from,
                                const CalendarPtr& to,
                                std::map<std::string, DatasetChange> datasets) {
    const auto before = stored.calendars.find(from);
    if (before == stored.calendars.end() || to == nullptr || datasets.empty()) return;
    causes.push_back(
        {&change, {before->second.calendar, to, std::move(datasets)}, "calendar", DetailOf(*to)});
  };
  for (ImportChange& change : changes.calendars) {
    if (!ChangesMeaning(change.changes)) continue;
    const std::string& name = change.outcome.name;
    ASSIGN_OR_RETURN(const CalendarPtr calendar, after.Find(name));
    add_calendar(change, name, calendar, DatasetsUnder(name, stored, imported));
  }
  for (const auto& [name, found] : imported) {
    const auto& [change, dataset] = found;
    ASSIGN_OR_RETURN(const CalendarPtr calendar, after.Find(dataset.after.calendar));
    if (Moves(dataset)) {
      add_calendar(*change, dataset.before.calendar, calendar,
                   {{name, {dataset.after, dataset.after}}});
    }
    const std::vector<std::string> fields = BarFields(*change);
    if (fields.empty() || calendar == nullptr) continue;
    causes.push_back({change,
                      {calendar, calendar, {{name, dataset}}},
                      "dataset",
                      absl::StrCat(name, ": ", absl::StrJoin(fields, ", "))});
  }
  return causes;
}

}  // namespace metricstore::registry
