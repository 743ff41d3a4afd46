#include "registry_service/catalog/definition_check.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "registry_service/calendars/calendar_json.h"
#include "registry_service/catalog/dataset_rules.h"
#include "registry_service/catalog/metric_rules.h"
#include "registry_service/catalog/names.h"

namespace metricstore::registry {
namespace {

using CalendarPtr = std::shared_ptr<const calendar::Calendar>;

FieldFault Invalid(std::string field, std::string message) {
  return {std::move(field), "DEFINITION_INVALID", std::move(message), {}};
}

template <typename Map>
std::vector<std::string> NamesOf(const Map& map) {
  std::vector<std::string> names;
  for (const auto& [name, value] : map) names.push_back(name);
  return names;
}

FieldFault Unknown(const std::string& field, const std::string& kind, const std::string& name,
                   const std::vector<std::string>& known) {
  const std::string suggestion = status::ClosestMatch(name, known);
  FieldFault fault = Invalid(field, absl::StrCat("there is no ", kind, " \"", name, "\""));
  if (!suggestion.empty()) {
    absl::StrAppend(&fault.message, "; did you mean \"", suggestion, "\"?");
    fault.metadata["suggestion"] = suggestion;
  }
  return fault;
}

bool Changes(const calendar::CalendarSpec& spec, const StoredDefinitions& stored) {
  const auto found = stored.calendars.find(spec.name);
  return found != stored.calendars.end() &&
         CalendarToJson(spec) != CalendarToJson(found->second.calendar->spec());
}

bool Changes(const Dataset& dataset, const StoredDefinitions& stored) {
  const auto found = stored.datasets.find(dataset.name);
  return found != stored.datasets.end() && !SameDefinition(dataset, found->second);
}

// The state that an import would leave behind, and the checks that need it.
class ImportCheck {
 public:
  ImportCheck(Definitions& definitions, const StoredDefinitions& stored, Faults& faults)
      : definitions_(definitions), stored_(stored), faults_(faults) {}

  void Run() {
    GatherCalendars();
    GatherDatasets();
    for (auto& metric : definitions_.metrics) {
      imported_metrics_.insert(metric.definition.id());
      CheckMetric(metric);
    }
    for (const auto& [id, metric] : stored_.metrics) CheckStoredMetric(id, metric);
  }

 private:
  void GatherCalendars() {
    for (const auto& [name, stored] : stored_.calendars) calendars_[name] = stored.calendar;
    // One with faults has no usable form, but what names it is right to do so.
    for (const auto& located : definitions_.calendars) {
      calendars_[located.definition.name] = nullptr;
    }
    for (auto& [name, calendar] : CheckCalendars(definitions_, faults_)) {
      calendars_[name] = std::move(calendar);
    }
  }

  void GatherDatasets() {
    for (const auto& [name, dataset] : stored_.datasets) datasets_[name] = &dataset;
    for (auto& located : definitions_.datasets) {
      const Dataset& dataset = located.definition;
      if (located.sound) {
        for (const FieldFault& fault : CheckDataset(dataset)) located.Report(fault, faults_);
      }
      const bool known = dataset.calendar.empty() || calendars_.contains(dataset.calendar);
      if (!known && !definitions_.incomplete) {
        located.Report(Unknown("calendar", "calendar", dataset.calendar, NamesOf(calendars_)),
                       faults_);
      }
      datasets_[dataset.name] = located.sound ? &dataset : nullptr;
    }
  }

  // The dataset and calendar of a metric if both are usable.
  struct Ground {
    const Dataset* dataset = nullptr;
    CalendarPtr calendar;
  };
  Ground GroundOf(const std::string& name) const {
    const auto dataset = datasets_.find(name);
    if (dataset == datasets_.end() || dataset->second == nullptr) return {};
    const auto calendar = calendars_.find(dataset->second->calendar);
    if (calendar == calendars_.end() || calendar->second == nullptr) return {};
    return {dataset->second, calendar->second};
  }

  void CheckMetric(Located<MetricDefinition>& located) {
    MetricDefinition& metric = located.definition;
    const bool readable = located.sound;
    if (readable) {
      for (const FieldFault& fault : CheckMetricForm(metric)) located.Report(fault, faults_);
    }
    if (metric.dataset.empty()) return;
    if (!datasets_.contains(metric.dataset)) {
      if (definitions_.incomplete) return;
      const std::string field = located.lines.contains("dataset") ? "dataset" : "table";
      located.Report(Unknown(field, "dataset", metric.dataset, NamesOf(datasets_)), faults_);
      return;
    }
    const bool computed = metric.sql.empty() && metric.sql_variants.empty();
    if (!readable || !computed || metric.expression.empty()) return;
    const Ground ground = GroundOf(metric.dataset);
    if (ground.dataset == nullptr) {
      CheckTimeless(located);
      return;
    }
    for (const FieldFault& fault : BindMetric(metric, *ground.dataset, *ground.calendar)) {
      located.Report(fault, faults_);
    }
  }

  // A sound dataset without a calendar is one without time: nothing can be cut into buckets.
  void CheckTimeless(Located<MetricDefinition>& located) {
    const Dataset* dataset = datasets_.at(located.definition.dataset);
    if (dataset == nullptr || !dataset->time_column.empty()) return;
    located.Report(Invalid("table", absl::StrCat("dataset \"", dataset->name,
                                                 "\" has no time column, so no buckets")),
                   faults_);
  }

  void CheckStoredMetric(const std::string& id, const StoredMetric& stored) {
    if (imported_metrics_.contains(id)) return;
    const Ground ground = GroundOf(stored.definition.dataset);
    if (ground.dataset == nullptr) return;
    MetricDefinition metric = stored.definition;
    for (const FieldFault& fault : BindMetric(metric, *ground.dataset, *ground.calendar)) {
      Blame(*ground.dataset,
            absl::StrCat("metric \"", id, "\" would no longer make sense: ", fault.message));
    }
  }

  // Reports at the imported definition that changes the ground of a stored metric.
  void Blame(const Dataset& dataset, const std::string& message) {
    for (auto& located : definitions_.datasets) {
      if (located.definition.name != dataset.name) continue;
      located.Report(Invalid("name", message), faults_);
      return;
    }
    for (auto& located : definitions_.calendars) {
      if (located.definition.name != dataset.calendar) continue;
      located.Report(Invalid("name", message), faults_);
      return;
    }
  }

  Definitions& definitions_;
  const StoredDefinitions& stored_;
  Faults& faults_;
  std::map<std::string, CalendarPtr> calendars_;    // nullptr: defined, with faults
  std::set<std::string> imported_metrics_;          // ids
  std::map<std::string, const Dataset*> datasets_;  // nullptr: defined, with faults
};

}  // namespace

std::map<std::string, CalendarPtr> CheckCalendars(Definitions& definitions, Faults& faults) {
  std::map<std::string, CalendarPtr> calendars;
  for (auto& located : definitions.calendars) {
    if (!located.sound) continue;
    const std::string& name = located.definition.name;
    if (!IsCalendarName(name)) {
      located.Report(Invalid("name", absl::StrCat("name \"", name,
                                                  "\" must be letters, digits, _, . and -, at most "
                                                  "63")),
                     faults);
    }
    // The version is given when it is stored.
    auto calendar = calendar::Calendar::Create(located.definition, 0);
    if (calendar.ok()) {
      calendars.emplace(name, *std::move(calendar));
      continue;
    }
    const auto details = status::DetailsOf(calendar.status());
    if (!details.has_value() || details->violations.empty()) {
      located.Report(Invalid("name", std::string(calendar.status().message())), faults);
      continue;
    }
    for (const auto& violation : details->violations) {
      located.Report(
          Invalid(violation.field, absl::StrCat(violation.field, ": ", violation.description)),
          faults);
    }
  }
  return calendars;
}

std::set<std::string> AffectedDatasets(const Definitions& definitions,
                                       const StoredDefinitions& stored) {
  std::set<std::string> affected;
  for (const auto& located : definitions.datasets) {
    if (Changes(located.definition, stored)) affected.insert(located.definition.name);
  }
  for (const auto& located : definitions.calendars) {
    if (!Changes(located.definition, stored)) continue;
    for (const auto& [name, dataset] : stored.datasets) {
      if (dataset.calendar == located.definition.name) affected.insert(name);
    }
  }
  return affected;
}

void CheckDefinitions(Definitions& definitions, const StoredDefinitions& stored, Faults& faults) {
  ImportCheck(definitions, stored, faults).Run();
}

}  // namespace metricstore::registry
