// What the catalogue answered, as lines that cases are written in.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "registry_service/catalog/definition/field_change.h"
#include "registry_service/catalog/definition/import_outcome.h"
#include "registry_service/catalog/definition/metric_definition.h"
#include "registry_service/catalog/plan/import_planner.h"
#include "registry_service/catalog/validation/finding.h"

namespace metricstore::registry {

using Lines = std::vector<std::string>;

// "error REASON", then "  field: what is wrong" for each violation, or the message.
Lines ErrorLines(const absl::Status& error);
// "created metric sales/total 1", with " active 1" where that differs, " tests 2". Calendars and
// datasets that did not change are left out.
std::string OutcomeLine(const ImportOutcome& outcome);
bool IsWorthTelling(const ImportOutcome& outcome);
// "  expression: sum(a) -> sum(b) [meaning] [breaking] (reason)"
std::string ChangeLine(const FieldChange& change);
// "stale a/x v1 day: 2 series, 3 points, 2024-03-01 to 2024-03-04, dates 2024-03-02 to 2024-03-02".
std::string StaleLine(const StaleResults& stale);
Lines PlanLines(const ImportPlan& plan);
// "ok|warning|error metric sales/total [file]" and its findings.
Lines ReportLines(const std::vector<DefinitionReport>& reports);
// "sales/total v1 active 1 of 2 deleted", then what it computes.
Lines MetricLines(const MetricDefinition& metric);
// "sales/total v1"
std::string MetricLine(const MetricDefinition& metric);

}  // namespace metricstore::registry
