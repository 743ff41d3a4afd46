#include "registry_service/catalog/definition/metric_definition.h"

#include <algorithm>
#include <array>

#include "absl/strings/ascii.h"

namespace metricstore::registry {
namespace {

// In the order of the enum's values, from 1.
constexpr std::array<std::string_view, 10> kTypeNames = {
    "sum", "count", "avg", "min", "max", "ratio", "derived", "cumulative", "counter", "sql"};

// Of what it consists of, whatever else is wrong with it.
std::string WhyFormIsNotComputed(const MetricDefinition& metric) {
  if (metric.type == MetricType::kCounter) return "type counter";
  if (metric.expression.empty()) return "has no expression";
  if (!metric.dimensions.empty()) return "has dimensions";
  return "";
}

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

std::string DefaultDisplayName(std::string_view name) {
  std::string display(name);
  std::replace(display.begin(), display.end(), '_', ' ');
  if (!display.empty()) display[0] = absl::ascii_toupper(static_cast<unsigned char>(display[0]));
  return display;
}

bool HasRunningWindow(const MetricDefinition& metric) {
  return metric.window.reach == calendar::WindowReach::kToDate ||
         metric.window.reach == calendar::WindowReach::kRolling;
}

std::string WhyNotComputed(const MetricDefinition& metric) {
  std::string why = WhyFormIsNotComputed(metric);
  // Refused now; earlier releases stored such metrics.
  if (why.empty() && metric.type == MetricType::kCumulative && metric.depends_on.empty() &&
      !HasRunningWindow(metric)) {
    why = "type cumulative without a window to date or rolling";
  }
  return why;
}

std::string WhyNotTested(const MetricDefinition& metric) {
  std::string why = WhyFormIsNotComputed(metric);
  if (why.empty() && !metric.depends_on.empty()) why = "reads other metrics";
  return why;
}

}  // namespace metricstore::registry
