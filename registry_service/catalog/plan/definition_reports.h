// Reports on definitions, one each: what a check found, at the definition it belongs to.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "registry_service/catalog/definition/faults.h"
#include "registry_service/catalog/validation/finding.h"
#include "registry_service/catalog/yaml/definition_files.h"

namespace metricstore::registry {

// Not thread-safe. The definitions must outlive it.
class DefinitionReports {
 public:
  explicit DefinitionReports(const Definitions& definitions);

  // Adds a fault of reading or checking to the definition whose lines it is at, or to a report
  // without a name for its file.
  void Add(const Fault& fault);
  // Add what was found in a metric, by its place among the definitions.
  void AddToMetric(size_t metric, const FieldFault& fault);
  void AddToMetric(size_t metric, Finding finding);
  // The same of a calendar; the finding has its line.
  void AddToCalendar(size_t calendar, Finding finding);
  void SetTestsPassed(size_t metric, int tests);

  // Whether no error was added to that metric.
  bool IsFine(size_t metric) const { return IsFineReport(first_metric_ + metric); }
  bool IsFineCalendar(size_t calendar) const { return IsFineReport(calendar); }
  // Has the report carry the metric itself, and the lines of its fields.
  void ShowMetric(size_t metric);

  // All reports: files that could not be read, calendars, datasets, columns, metrics; each by name.
  // Findings are by line.
  std::vector<DefinitionReport> Take() &&;

 private:
  template <typename Definition>
  void AddList(const std::vector<Located<Definition>>& list, const char* kind);
  bool IsFineReport(size_t report) const;
  DefinitionReport& MetricReport(size_t metric) { return reports_[first_metric_ + metric]; }

  const Definitions& definitions_;
  std::vector<DefinitionReport> reports_;
  size_t first_metric_ = 0;  // of reports_
  // By path and line the reports of what begins there.
  std::map<std::string, std::map<int, size_t>> places_;
  std::map<std::string, DefinitionReport> unread_;  // by path
};

}  // namespace metricstore::registry
