#include "tests/conformance/catalog/rendering.h"

#include <map>
#include <string_view>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "common/status/error.h"
#include "common/time/grain.h"

namespace metricstore::registry {
namespace {

std::string_view ActionName(ImportAction action) {
  switch (action) {
    case ImportAction::kCreated:
      return "created";
    case ImportAction::kChanged:
      return "changed";
    case ImportAction::kUnchanged:
      return "unchanged";
    case ImportAction::kRestored:
      return "restored";
  }
  return "?";
}

std::string DayText(const std::optional<absl::Time>& time) {
  return time.has_value() ? absl::FormatTime("%Y-%m-%d", *time, absl::UTCTimeZone()) : "-";
}

std::string FindingLine(const Finding& finding) {
  std::string place;
  if (finding.line > 0) place = absl::StrCat("line ", finding.line, ", ");
  // Messages of expressions begin with their field.
  const std::string field = absl::StrCat(finding.field, ": ");
  if (!finding.field.empty() && !absl::StartsWith(finding.message, field)) {
    absl::StrAppend(&place, field);
  }
  const char* severity = finding.severity == Severity::kError ? "error" : "warning";
  return absl::StrCat("  ", severity, " ", finding.reason, " ", place, finding.message);
}

std::string_view Verdict(const DefinitionReport& report) {
  std::string_view verdict = "ok";
  for (const Finding& finding : report.findings) {
    if (finding.severity == Severity::kError) return "error";
    verdict = "warning";
  }
  return verdict;
}

void AddIfSet(Lines& lines, std::string_view name, const std::string& value) {
  if (!value.empty()) lines.push_back(absl::StrCat("  ", std::string(name), ": ", value));
}

void AddIfSet(Lines& lines, std::string_view name, const std::vector<std::string>& values) {
  AddIfSet(lines, name, absl::StrJoin(values, ", "));
}

}  // namespace

Lines ErrorLines(const absl::Status& error) {
  const auto details = status::DetailsOf(error);
  if (!details.has_value()) return {absl::StrCat("error ", error.ToString())};
  Lines lines = {absl::StrCat("error ", details->reason)};
  for (const status::FieldViolation& violation : details->violations) {
    lines.push_back(absl::StrCat("  ", violation.field, ": ", violation.description));
  }
  if (details->violations.empty()) lines.push_back(absl::StrCat("  ", error.message()));
  return lines;
}

bool IsWorthTelling(const ImportOutcome& outcome) {
  return outcome.kind == "metric" || outcome.kind == "columns" ||
         outcome.action != ImportAction::kUnchanged;
}

std::string OutcomeLine(const ImportOutcome& outcome) {
  std::string line =
      absl::StrCat(std::string(ActionName(outcome.action)), " ", outcome.kind, " ", outcome.name);
  if (outcome.version > 0) absl::StrAppend(&line, " v", outcome.version);
  if (outcome.kind == "metric" && outcome.active_version != outcome.version) {
    absl::StrAppend(&line, " active v", outcome.active_version);
  }
  if (outcome.tests_run > 0) absl::StrAppend(&line, " tests ", outcome.tests_run);
  return line;
}

std::string ChangeLine(const FieldChange& change) {
  std::string line =
      absl::StrCat("  ", change.field, ": ", change.before.empty() ? "(none)" : change.before,
                   " -> ", change.after.empty() ? "(none)" : change.after);
  if (change.changes_meaning) absl::StrAppend(&line, " [meaning]");
  if (change.breaking) absl::StrAppend(&line, " [breaking]");
  if (!change.reason.empty()) absl::StrAppend(&line, " (", change.reason, ")");
  return line;
}

std::string StaleLine(const StaleResults& stale) {
  std::string line = absl::StrCat("stale ", stale.metric, " v", stale.version);
  if (stale.grain.has_value()) absl::StrAppend(&line, " ", std::string(GrainName(*stale.grain)));
  absl::StrAppend(&line, ": ", stale.series, " series, ", stale.points, " points, ",
                  DayText(stale.first_bucket), " to ", DayText(stale.last_bucket));
  for (const DateRange& range : stale.dates) {
    absl::StrAppend(&line, &range == &stale.dates.front() ? ", dates " : " and ",
                    FormatDate(range.start), " to ", FormatDate(range.end - 1));
  }
  return line;
}

Lines PlanLines(const ImportPlan& plan) {
  Lines lines;
  for (const PlannedChange& planned : plan.changes) {
    if (!IsWorthTelling(planned.outcome)) continue;
    std::string line = OutcomeLine(planned.outcome);
    if (planned.makes_version) absl::StrAppend(&line, " new version");
    if (planned.breaking) absl::StrAppend(&line, " breaking");
    lines.push_back(line);
    for (const FieldChange& change : planned.changes) lines.push_back(ChangeLine(change));
    AddIfSet(lines, "dependents", planned.dependents);
  }
  for (const StaleResults& stale : plan.stale) lines.push_back(StaleLine(stale));
  if (plan.recompute_points > 0) {
    lines.push_back(absl::StrCat("recompute ", plan.recompute_points, " points from ",
                                 plan.recompute_rows, " rows"));
  }
  for (const NearDuplicate& pair : plan.near_duplicates) {
    lines.push_back(absl::StrCat("near duplicate ", pair.metric, " = ", pair.other));
  }
  for (const std::string& line : ReportLines(plan.warnings)) lines.push_back(line);
  return lines;
}

Lines ReportLines(const std::vector<DefinitionReport>& reports) {
  Lines lines;
  for (const DefinitionReport& report : reports) {
    std::string line = absl::StrCat(std::string(Verdict(report)), " ");
    if (!report.kind.empty()) absl::StrAppend(&line, report.kind, " ", report.name);
    if (report.name.empty()) absl::StrAppend(&line, report.path);
    if (report.tests_passed > 0) absl::StrAppend(&line, " tests ", report.tests_passed);
    lines.push_back(line);
    for (const Finding& finding : report.findings) lines.push_back(FindingLine(finding));
  }
  return lines;
}

std::string MetricLine(const MetricDefinition& metric) {
  return absl::StrCat(metric.id(), " v", metric.version);
}

Lines MetricLines(const MetricDefinition& metric) {
  std::string head = MetricLine(metric);
  if (metric.active_version != metric.version) {
    absl::StrAppend(&head, " active v", metric.active_version);
  }
  if (metric.latest_version != metric.version) {
    absl::StrAppend(&head, " newest v", metric.latest_version);
  }
  if (metric.delete_time.has_value()) absl::StrAppend(&head, " deleted");
  Lines lines = {head};
  AddIfSet(lines, "display name", metric.display_name);
  AddIfSet(lines, "description", metric.description);
  AddIfSet(lines, "expression", metric.expression);
  AddIfSet(lines, "filters", metric.filters);
  AddIfSet(lines, "tables", metric.tables);
  AddIfSet(lines, "reads", metric.reads);
  AddIfSet(lines, "depends on", metric.depends_on);
  AddIfSet(lines, "not computed", WhyNotComputed(metric));
  return lines;
}

}  // namespace metricstore::registry
