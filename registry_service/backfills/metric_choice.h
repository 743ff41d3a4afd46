// Which of the metrics that a request names are computed, and which are left out.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "registry_service/catalog/definition/metric_definition.h"

namespace metricstore::registry {

// A metric that a pattern matches and that is not computed, or not at one of the grains, or one
// without a whole bucket among the dates.
struct SkippedMetric {
  std::string id;
  std::string reason;
  friend bool operator==(const SkippedMetric&, const SkippedMetric&) = default;
};

struct MetricChoice {
  std::vector<MetricDefinition> computed;  // at least one
  std::vector<SkippedMetric> skipped;      // by id
};

// Why a metric cannot be computed; empty if it can.
using WhyNot = std::function<std::string(const MetricDefinition& metric)>;

// `matched` are the metrics that `globs` match, by id. INVALID_ARGUMENT (NOT_SUPPORTED, metadata
// field, metric, reason) if one that is not computed is named by itself, without `*` or `?`, or if
// none is computed.
absl::StatusOr<MetricChoice> ChooseMetrics(std::vector<MetricDefinition> matched,
                                           const std::vector<std::string>& globs,
                                           const WhyNot& why_not);

// Whether the metric is named by itself, by its id or bare name.
bool IsNamed(const MetricDefinition& metric, const std::vector<std::string>& globs);

// The form stored with a job.
std::string SkippedToJson(const std::vector<SkippedMetric>& skipped);
// INTERNAL for anything that SkippedToJson did not write.
absl::StatusOr<std::vector<SkippedMetric>> ParseSkipped(std::string_view json);

}  // namespace metricstore::registry
