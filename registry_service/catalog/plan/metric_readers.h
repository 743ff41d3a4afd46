// Who reads what once an import is done: metrics that read metrics, and those that stand on
// datasets and calendars.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "registry_service/catalog/validation/definition_check.h"
#include "registry_service/catalog/yaml/definition_files.h"

namespace metricstore::registry {

// Immutable. What it is made of may go.
class MetricReaders {
 public:
  // `definitions` must have passed CheckDefinitions with `stored`.
  MetricReaders(const Definitions& definitions, const StoredDefinitions& stored);

  // Metrics that read any of these, directly or through others, by id; of the given ones themselves
  // only those that others of them read.
  std::set<std::string> AllReaders(const std::set<std::string>& ids) const;
  // Metrics that read the dataset themselves; of stored ones those that the check was given.
  std::set<std::string> ReadersOfDataset(const std::string& dataset) const;
  // Metrics of all datasets on the calendar.
  std::set<std::string> ReadersOfCalendar(const std::string& calendar) const;

 private:
  void AddMetric(const std::string& id, const MetricDefinition& metric);

  std::map<std::string, std::vector<std::string>> readers_;  // of a metric
  std::map<std::string, std::set<std::string>> of_dataset_;
  std::map<std::string, std::set<std::string>> datasets_of_calendar_;
};

}  // namespace metricstore::registry
