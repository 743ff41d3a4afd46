#include "registry_service/catalog/validation/definition_check.h"

#include <algorithm>
#include <span>
#include <string_view>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "registry_service/calendars/calendar_json.h"
#include "registry_service/catalog/definition/excerpt.h"
#include "registry_service/catalog/definition/names.h"
#include "registry_service/catalog/validation/dataset_rules.h"
#include "registry_service/catalog/validation/metric_rules.h"

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
  FieldFault fault = Invalid(field, absl::StrCat("there is no ", kind, " \"", Excerpt(name), "\""));
  if (!suggestion.empty()) {
    absl::StrAppend(&fault.message, "; did you mean \"", suggestion, "\"?");
    fault.metadata["suggestion"] = suggestion;
  }
  return fault;
}

// Fields whose faults may only follow from those of another. A name with a dot stands for fields of
// list items, beside each other.
struct Consequence {
  std::string_view field;
  std::string_view cause;
};
constexpr Consequence kDatasetConsequences[] = {{"layer", "name"},
                                                {"grain", "columns"},
                                                {"time_column", "columns"},
                                                {"grain", "time_column"},
                                                {"entity_column", "columns"},
                                                {"partitioning", "time_column"},
                                                {"timeframe", "time_column"},
                                                {"retention", "time_column"}};
constexpr Consequence kCalendarConsequences[] = {{"last_date", "first_date"},
                                                 {"special_hours", "sessions"},
                                                 {".close", ".open"},
                                                 {".early_close", ".late_open"}};

template <typename Definition>
bool MayFollow(const Located<Definition>& located, const std::string& field,
               const Consequence& consequence) {
  if (consequence.field.front() == '.') {
    return absl::EndsWith(field, std::string(consequence.field)) &&
           located.IsFaulty(
               absl::StrCat(std::string(EnclosingField(field)), std::string(consequence.cause)));
  }
  std::string_view part = field;
  while (!part.empty() && part != consequence.field) part = EnclosingField(part);
  return !part.empty() && located.IsFaulty(consequence.cause);
}

// Reports what is wrong beside, and not because of, what was found in reading.
template <typename Definition>
void ReportOwn(Located<Definition>& located, std::vector<FieldFault> found,
               std::span<const Consequence> consequences, Faults& faults) {
  std::erase_if(found, [&](const FieldFault& fault) {
    return std::any_of(consequences.begin(), consequences.end(), [&](const Consequence& rule) {
      return MayFollow(located, fault.field, rule);
    });
  });
  located.ReportNew(found, faults);
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

// What the calendar library refuses, field by field.
std::vector<FieldFault> FaultsOf(const absl::Status& refusal) {
  if (refusal.ok()) return {};
  const auto details = status::DetailsOf(refusal);
  if (!details.has_value() || details->violations.empty()) {
    return {Invalid("name", std::string(refusal.message()))};
  }
  std::vector<FieldFault> faults;
  for (const auto& violation : details->violations) {
    faults.push_back(
        Invalid(violation.field, absl::StrCat(violation.field, ": ", violation.description)));
  }
  return faults;
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
    std::set<std::string> seen;
    for (auto& located : definitions_.datasets) {
      const Dataset& dataset = located.definition;
      ReportOwn(located, CheckDataset(dataset), kDatasetConsequences, faults_);
      const bool known = dataset.calendar.empty() || calendars_.contains(dataset.calendar);
      if (!known && !definitions_.may_have_more_calendars) {
        located.Report(Unknown("calendar", "calendar", dataset.calendar, NamesOf(calendars_)),
                       faults_);
      }
      if (!seen.insert(dataset.name).second) continue;
      const bool usable = !located.IsFaulty("columns") && !located.IsFaulty("time_column") &&
                          !located.IsFaulty("timeframe");
      datasets_[dataset.name] = usable ? &dataset : nullptr;
    }
  }

  // What a metric stands on; nullptr for what is not known or not usable.
  struct Ground {
    const Dataset* dataset = nullptr;
    CalendarPtr calendar;
  };
  Ground GroundOf(const std::string& name) const {
    const auto dataset = datasets_.find(name);
    if (dataset == datasets_.end() || dataset->second == nullptr) return {};
    const auto calendar = calendars_.find(dataset->second->calendar);
    return {dataset->second, calendar == calendars_.end() ? nullptr : calendar->second};
  }

  void CheckMetric(Located<MetricDefinition>& located) {
    MetricDefinition& metric = located.definition;
    located.ReportNew(CheckMetricForm(metric), faults_);
    if (metric.dataset.empty()) return;
    if (!datasets_.contains(metric.dataset)) {
      if (definitions_.may_have_more_datasets) return;
      const std::string field = located.lines.contains("dataset") ? "dataset" : "table";
      located.Report(Unknown(field, "dataset", metric.dataset, NamesOf(datasets_)), faults_);
      return;
    }
    const bool computed = metric.sql.empty() && metric.sql_variants.empty();
    if (!computed) return;
    const Ground ground = GroundOf(metric.dataset);
    std::vector<FieldFault> found;
    if (ground.dataset != nullptr) found = BindToDataset(metric, *ground.dataset);
    if (ground.calendar != nullptr) {
      for (FieldFault& fault : CheckMetricWindow(metric, *ground.calendar)) {
        found.push_back(std::move(fault));
      }
    }
    located.ReportNew(found, faults_);
  }

  void CheckStoredMetric(const std::string& id, const StoredMetric& stored) {
    if (imported_metrics_.contains(id)) return;
    const Ground ground = GroundOf(stored.definition.dataset);
    if (ground.dataset == nullptr || ground.calendar == nullptr) return;
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
    const std::string& name = located.definition.name;
    std::vector<FieldFault> found;
    if (!IsCalendarName(name)) {
      found.push_back(
          Invalid("name", absl::StrCat("name \"", Excerpt(name),
                                       "\" must be letters, digits, _, . and -, at most 63")));
    }
    // The version is given when it is stored.
    auto calendar = calendar::Calendar::Create(located.definition, 0);
    for (FieldFault& fault : FaultsOf(calendar.status())) found.push_back(std::move(fault));
    ReportOwn(located, std::move(found), kCalendarConsequences, faults);
    if (calendar.ok() && !located.IsFaulty("sessions")) {
      calendars.emplace(name, *std::move(calendar));
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
