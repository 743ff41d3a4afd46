#include "registry_service/catalog/validation/import_ground.h"

#include <algorithm>
#include <set>
#include <span>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "registry_service/calendars/calendar_json.h"
#include "registry_service/catalog/definition/excerpt.h"
#include "registry_service/catalog/definition/names.h"
#include "registry_service/catalog/validation/dataset_rules.h"
#include "registry_service/catalog/validation/unknown_name.h"
#include "registry_service/datasets/dataset_schema.h"

namespace metricstore::registry {
namespace {

using CalendarPtr = std::shared_ptr<const calendar::Calendar>;

FieldFault Invalid(std::string field, std::string message) {
  return {std::move(field), "DEFINITION_INVALID", std::move(message), {}};
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
                                                 {"special_sessions", "sessions"},
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

ImportGround::ImportGround(Definitions& definitions, const StoredDefinitions& stored,
                           Faults& faults)
    : may_have_more_datasets_(definitions.may_have_more_datasets) {
  GatherCalendars(definitions, stored, faults);
  GatherDatasets(definitions, stored, faults);
}

void ImportGround::GatherCalendars(Definitions& definitions, const StoredDefinitions& stored,
                                   Faults& faults) {
  for (const auto& [name, calendar] : stored.calendars) calendars_[name] = calendar.calendar;
  // One with faults has no usable form, but what names it is right to do so.
  for (const auto& located : definitions.calendars) calendars_[located.definition.name] = nullptr;
  for (auto& [name, calendar] : CheckCalendars(definitions, faults)) {
    calendars_[name] = std::move(calendar);
  }
}

void ImportGround::GatherDatasets(Definitions& definitions, const StoredDefinitions& stored,
                                  Faults& faults) {
  for (const auto& [name, dataset] : stored.datasets) {
    datasets_[name] = {&dataset, SchemaOf(dataset)};
  }
  std::set<std::string> seen;
  for (auto& located : definitions.datasets) {
    const Dataset& dataset = located.definition;
    ReportOwn(located, CheckDataset(dataset), kDatasetConsequences, faults);
    const bool known = dataset.calendar.empty() || calendars_.contains(dataset.calendar);
    if (!known && !definitions.may_have_more_calendars) {
      located.ReportNew(
          {UnknownName("calendar", "calendar", dataset.calendar, NamesOf(calendars_))}, faults);
    }
    if (!seen.insert(dataset.name).second) continue;
    const bool usable = !located.IsFaulty("columns") && !located.IsFaulty("time_column") &&
                        !located.IsFaulty("timeframe");
    datasets_[dataset.name] = usable ? Ground{&dataset, SchemaOf(dataset)} : Ground{};
  }
}

std::vector<std::string> ImportGround::DatasetNames() const { return NamesOf(datasets_); }

MetricGround ImportGround::Of(std::string_view dataset) const {
  const auto found = datasets_.find(dataset);
  if (found == datasets_.end() || found->second.dataset == nullptr) return {};
  const auto calendar = calendars_.find(found->second.dataset->calendar);
  return {found->second.dataset, &found->second.schema,
          calendar == calendars_.end() ? nullptr : calendar->second.get()};
}

}  // namespace metricstore::registry
