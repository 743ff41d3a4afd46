#include "registry_service/api/catalog/definition_conversion.h"

#include <algorithm>

#include "registry_service/api/catalog/metric_conversion.h"
#include "registry_service/api/request/time_converter.h"

namespace metricstore::registry::api {
namespace {

void ToProto(const Finding& finding, v1::Finding* proto) {
  proto->set_severity(static_cast<v1::Finding::Severity>(finding.severity));
  proto->set_reason(finding.reason);
  proto->set_field(finding.field);
  proto->set_line(finding.line);
  proto->set_message(finding.message);
  proto->set_suggestion(finding.suggestion);
}

void ToProto(const PlannedChange& change, v1::PlannedChange* proto) {
  api::ToProto(change.outcome, proto->mutable_outcome());
  for (const FieldChange& field : change.changes) api::ToProto(field, proto->add_changes());
  proto->set_makes_version(change.makes_version);
  proto->set_breaking(change.breaking);
  proto->mutable_dependents()->Assign(change.dependents.begin(), change.dependents.end());
  for (const FieldChange& field : change.served_changes) {
    api::ToProto(field, proto->add_served_changes());
  }
  proto->set_served_version(change.served_version);
}

// By the names of Metric, as errors about it have them.
void AddFieldLines(const FieldLines& lines, v1::DefinitionReport* proto) {
  for (const auto& [field, line] : lines) {
    if (field.starts_with("tests")) continue;  // The definition is sent without them.
    (*proto->mutable_field_lines())[field == "table" ? "dataset" : field] = line;
  }
}

// A list of thousands would be read by nobody and fill the message.
constexpr size_t kMaxStale = 1000;
constexpr size_t kMaxStaleDates = 20;

void ToProto(const StaleResults& stale, v1::StaleResults* proto) {
  proto->set_metric(stale.metric);
  proto->set_version(stale.version);
  proto->set_series(stale.series);
  proto->set_points(stale.points);
  if (stale.first_bucket.has_value()) {
    api::ToProto(*stale.first_bucket, proto->mutable_first_bucket_time());
  }
  if (stale.last_bucket.has_value()) {
    api::ToProto(*stale.last_bucket, proto->mutable_last_bucket_time());
  }
  if (stale.grain.has_value()) proto->set_grain(static_cast<v1::Grain>(*stale.grain));
  for (size_t i = 0; i < std::min(stale.dates.size(), kMaxStaleDates); ++i) {
    DateRange dates = stale.dates[i];
    if (i + 1 == kMaxStaleDates) dates.end = stale.dates.back().end;
    api::ToProto(dates, proto->add_dates());
  }
}

}  // namespace

void ToProto(const ImportOutcome& outcome, v1::ImportOutcome* proto) {
  proto->set_kind(outcome.kind);
  proto->set_name(outcome.name);
  proto->set_action(static_cast<v1::ImportOutcome::Action>(outcome.action));
  proto->set_version(outcome.version);
  proto->set_path(outcome.path);
  proto->set_active_version(outcome.active_version);
  proto->set_tests_run(outcome.tests_run);
  for (size_t i = 0; i < std::min(outcome.stale.size(), kMaxStale); ++i) {
    ToProto(outcome.stale[i], proto->add_stale());
  }
}

void ToProto(const FieldChange& change, v1::FieldChange* proto) {
  proto->set_field(change.field);
  proto->set_before(change.before);
  proto->set_after(change.after);
  proto->set_changes_meaning(change.changes_meaning);
  proto->set_breaking(change.breaking);
  proto->set_reason(change.reason);
}

void ToProto(const DefinitionReport& report, v1::DefinitionReport* proto) {
  proto->set_kind(report.kind);
  proto->set_name(report.name);
  proto->set_path(report.path);
  for (const Finding& finding : report.findings) ToProto(finding, proto->add_findings());
  proto->set_tests_passed(report.tests_passed);
  if (report.metric != nullptr) {
    ToProto(*report.metric, proto->mutable_definition());
    // Readers of the definition have no use for rows of tests, which may be many.
    proto->mutable_definition()->clear_tests();
    AddFieldLines(report.lines, proto);
  }
}

void ToProto(const ImportPlan& plan, v1::PlanImportResponse* proto) {
  for (const PlannedChange& change : plan.changes) ToProto(change, proto->add_changes());
  for (const StaleResults& stale : plan.stale) ToProto(stale, proto->add_stale());
  for (const NearDuplicate& pair : plan.near_duplicates) {
    v1::NearDuplicate* added = proto->add_near_duplicates();
    added->set_metric(pair.metric);
    added->set_other(pair.other);
  }
  proto->set_recompute_rows(plan.recompute_rows);
  proto->set_recompute_points(plan.recompute_points);
}

}  // namespace metricstore::registry::api
