// Filters of lists, as in AIP-160, over the fields of a metric.
#pragma once

#include <memory>
#include <string_view>

#include "absl/status/statusor.h"
#include "registry_service/catalog/definition/metric_definition.h"

namespace metricstore::registry {

// A parsed filter. Immutable, thread-safe.
class MetricFilter {
 public:
  // `type = "sum" AND tags:"core" AND NOT (owner = "fin*" OR version > 3)`; "" matches all. Fields
  // and operators are those of proto ListMetricsRequest.filter. INVALID_ARGUMENT (FILTER_INVALID,
  // metadata position and, for an unknown field, suggestion). Text is at most 2 KiB, depth at
  // most 32.
  static absl::StatusOr<MetricFilter> Parse(std::string_view text);
  ~MetricFilter();
  MetricFilter(MetricFilter&&) noexcept;
  MetricFilter& operator=(MetricFilter&&) noexcept;

  bool Matches(const MetricDefinition& metric) const;

 private:
  struct Node;
  explicit MetricFilter(std::unique_ptr<const Node> root);
  std::unique_ptr<const Node> root_;
};

}  // namespace metricstore::registry
