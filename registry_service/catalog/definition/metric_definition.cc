#include "registry_service/catalog/definition/metric_definition.h"

#include <array>

namespace metricstore::registry {
namespace {

// In the order of the enum's values, from 1.
constexpr std::array<std::string_view, 10> kTypeNames = {
    "sum", "count", "avg", "min", "max", "ratio", "derived", "cumulative", "counter", "sql"};

}  // namespace

std::string_view MetricTypeName(MetricType type) {
  return kTypeNames[static_cast<size_t>(type) - 1];
}

std::optional<MetricType> ParseMetricType(std::string_view name) {
  for (size_t i = 0; i < kTypeNames.size(); ++i) {
    if (kTypeNames[i] == name) return static_cast<MetricType>(i + 1);
  }
  return std::nullopt;
}

std::string WhyNotComputed(const MetricDefinition& metric) {
  if (metric.type == MetricType::kCounter) return "type counter";
  if (metric.type == MetricType::kCumulative) return "type cumulative";
  if (metric.expression.empty()) return "has no expression";
  if (!metric.depends_on.empty()) return "reads other metrics";
  if (!metric.dimensions.empty()) return "has dimensions";
  return "";
}

}  // namespace metricstore::registry
