// A filter as a tree of conditions on a metric.
#pragma once

#include <vector>

#include "registry_service/catalog/definition/metric_definition.h"
#include "registry_service/catalog/view/filter_fields.h"

namespace metricstore::registry {

enum class FilterOperation { kAll, kAny, kNot, kEqual, kLess, kLessOrEqual, kMore, kMoreOrEqual };

struct FilterCondition {
  FilterOperation operation = FilterOperation::kAll;
  std::vector<FilterCondition> parts;  // of kAll, kAny and kNot; the rest compare the field
  const FilterField* field = nullptr;
  StarPattern pattern;
  int number = 0;
};

bool Holds(const FilterCondition& condition, const MetricDefinition& metric);

}  // namespace metricstore::registry
