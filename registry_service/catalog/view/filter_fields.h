// The fields that filters of metrics may name, and the patterns they are compared with.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "registry_service/catalog/definition/metric_definition.h"

namespace metricstore::registry {

// A field; exactly one of text, list and number says how it is read.
struct FilterField {
  std::string_view name;
  std::string (*text)(const MetricDefinition&) = nullptr;
  const std::vector<std::string>& (*list)(const MetricDefinition&) = nullptr;
  int (*number)(const MetricDefinition&) = nullptr;
  // For a text out of a closed set: all it can be.
  std::vector<std::string> (*choices)() = nullptr;
};

// The field of that name, or nullptr.
const FilterField* FindFilterField(std::string_view name);
std::vector<std::string> FilterFieldNames();

// A text in which stars stand for any text.
class StarPattern {
 public:
  // Matches the empty text alone.
  StarPattern() : parts_({""}) {}
  // Literal parts, at least one, between which the stars stand: {"a", ""} is "a*".
  explicit StarPattern(std::vector<std::string> parts) : parts_(std::move(parts)) {}

  bool Matches(std::string_view text) const;
  // Whether it has no star.
  bool exact() const { return parts_.size() == 1; }

 private:
  std::vector<std::string> parts_;
};

}  // namespace metricstore::registry
