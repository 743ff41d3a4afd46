// What a check found in a definition: faults that refuse it and doubts that do not.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "registry_service/catalog/definition/located.h"
#include "registry_service/catalog/definition/metric_definition.h"

namespace metricstore::registry {

// See proto metricstore.registry.v1.Finding; values of the enum equal its.
enum class Severity { kWarning = 1, kError = 2 };

struct Finding {
  Severity severity = Severity::kWarning;
  std::string reason;
  std::string field;
  int line = 0;
  std::string message;
  std::string suggestion;
};

// See proto metricstore.registry.v1.DefinitionReport.
struct DefinitionReport {
  std::string kind;
  std::string name;
  std::string path;
  std::vector<Finding> findings;
  int tests_passed = 0;
  std::shared_ptr<const MetricDefinition> metric = nullptr;  // where it was asked for
  FieldLines lines = {};                                     // of that, as its file names them
};

}  // namespace metricstore::registry
