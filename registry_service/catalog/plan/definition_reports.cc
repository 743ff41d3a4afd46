#include "registry_service/catalog/plan/definition_reports.h"

#include <algorithm>
#include <string_view>
#include <tuple>

namespace metricstore::registry {
namespace {

std::string NameOf(const calendar::CalendarSpec& calendar) { return calendar.name; }
std::string NameOf(const Dataset& dataset) { return dataset.name; }
std::string NameOf(const ColumnNotes& notes) { return notes.table; }
std::string NameOf(const MetricDefinition& metric) { return metric.id(); }

std::string ValueOf(const std::map<std::string, std::string>& metadata, const std::string& key) {
  const auto found = metadata.find(key);
  return found == metadata.end() ? "" : found->second;
}

Finding ErrorOf(const std::string& reason, const std::string& message, int line,
                const std::map<std::string, std::string>& metadata) {
  std::string field = ValueOf(metadata, "field");
  if (field.empty()) field = ValueOf(metadata, "key");
  return {
      Severity::kError, reason, std::move(field), line, message, ValueOf(metadata, "suggestion")};
}

// Whether the fault is of what could not be taken for a definition of any kind.
bool IsOfFile(const Fault& fault) {
  return fault.reason == "YAML_INVALID" || ValueOf(fault.metadata, "field") == "kind";
}

int RankOf(std::string_view kind) {
  constexpr std::string_view kOrder[] = {"", "calendar", "dataset", "columns", "metric"};
  return static_cast<int>(std::find(std::begin(kOrder), std::end(kOrder), kind) -
                          std::begin(kOrder));
}

}  // namespace

template <typename Definition>
void DefinitionReports::AddList(const std::vector<Located<Definition>>& list, const char* kind) {
  for (const auto& located : list) {
    places_[located.path][located.line] = reports_.size();
    reports_.push_back({kind, NameOf(located.definition), located.path, {}, 0, nullptr});
  }
}

DefinitionReports::DefinitionReports(const Definitions& definitions) : definitions_(definitions) {
  AddList(definitions.calendars, "calendar");
  AddList(definitions.datasets, "dataset");
  AddList(definitions.columns, "columns");
  first_metric_ = reports_.size();
  AddList(definitions.metrics, "metric");
}

void DefinitionReports::Add(const Fault& fault) {
  Finding finding = ErrorOf(fault.reason, fault.message, fault.line, fault.metadata);
  const auto file = places_.find(fault.path);
  if (file != places_.end() && !IsOfFile(fault)) {
    // The last definition that begins at the line or before it.
    const auto after = file->second.upper_bound(fault.line);
    if (after != file->second.begin()) {
      reports_[std::prev(after)->second].findings.push_back(std::move(finding));
      return;
    }
  }
  DefinitionReport& report = unread_[fault.path];
  report.path = fault.path;
  report.findings.push_back(std::move(finding));
}

void DefinitionReports::AddToMetric(size_t metric, const FieldFault& fault) {
  Finding finding = ErrorOf(fault.reason, fault.message,
                            definitions_.metrics[metric].LineOf(fault.field), fault.metadata);
  finding.field = fault.field;
  MetricReport(metric).findings.push_back(std::move(finding));
}

void DefinitionReports::AddToMetric(size_t metric, Finding finding) {
  finding.line = definitions_.metrics[metric].LineOf(finding.field);
  MetricReport(metric).findings.push_back(std::move(finding));
}

void DefinitionReports::SetTestsPassed(size_t metric, int tests) {
  MetricReport(metric).tests_passed = tests;
}

// Calendars come first.
void DefinitionReports::AddToCalendar(size_t calendar, Finding finding) {
  reports_[calendar].findings.push_back(std::move(finding));
}

void DefinitionReports::ShowMetric(size_t metric) {
  const Located<MetricDefinition>& located = definitions_.metrics[metric];
  MetricReport(metric).metric = std::make_shared<MetricDefinition>(located.definition);
  MetricReport(metric).lines = located.lines;
}

bool DefinitionReports::IsFineReport(size_t report) const {
  const std::vector<Finding>& findings = reports_[report].findings;
  return std::none_of(findings.begin(), findings.end(),
                      [](const Finding& finding) { return finding.severity == Severity::kError; });
}

std::vector<DefinitionReport> DefinitionReports::Take() && {
  for (auto& [path, report] : unread_) reports_.push_back(std::move(report));
  for (DefinitionReport& report : reports_) {
    std::stable_sort(report.findings.begin(), report.findings.end(),
                     [](const Finding& a, const Finding& b) { return a.line < b.line; });
    const auto same = [](const Finding& a, const Finding& b) {
      return a.line == b.line && a.field == b.field && a.message == b.message;
    };
    report.findings.erase(std::unique(report.findings.begin(), report.findings.end(), same),
                          report.findings.end());
  }
  std::stable_sort(
      reports_.begin(), reports_.end(), [](const DefinitionReport& a, const DefinitionReport& b) {
        return std::make_tuple(RankOf(a.kind), std::string_view(a.name), std::string_view(a.path)) <
               std::make_tuple(RankOf(b.kind), std::string_view(b.name), std::string_view(b.path));
      });
  return std::move(reports_);
}

}  // namespace metricstore::registry
