#include "registry_service/catalog/view/filter_condition.h"

#include <algorithm>
#include <string>

namespace metricstore::registry {
namespace {

using Operation = FilterOperation;

bool CompareNumber(Operation operation, int value, int bound) {
  switch (operation) {
    case Operation::kLess:
      return value < bound;
    case Operation::kLessOrEqual:
      return value <= bound;
    case Operation::kMore:
      return value > bound;
    case Operation::kMoreOrEqual:
      return value >= bound;
    default:
      return value == bound;
  }
}

}  // namespace

bool Holds(const FilterCondition& condition, const MetricDefinition& metric) {
  const auto holds = [&](const FilterCondition& part) { return Holds(part, metric); };
  const auto matches = [&](const std::string& text) { return condition.pattern.Matches(text); };
  switch (condition.operation) {
    case Operation::kAll:
      return std::all_of(condition.parts.begin(), condition.parts.end(), holds);
    case Operation::kAny:
      return std::any_of(condition.parts.begin(), condition.parts.end(), holds);
    case Operation::kNot:
      return !holds(condition.parts.front());
    default:
      break;
  }
  const FilterField& field = *condition.field;
  if (field.text != nullptr) return matches(field.text(metric));
  if (field.number != nullptr) {
    return CompareNumber(condition.operation, field.number(metric), condition.number);
  }
  const std::vector<std::string>& list = field.list(metric);
  return std::any_of(list.begin(), list.end(), matches);
}

}  // namespace metricstore::registry
