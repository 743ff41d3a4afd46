// Which metrics are to be evaluated: stored ones by name, others out of definition files.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "cli/core/invocation.h"
#include "metricstore/compute/v1/compute_service.pb.h"

namespace metricstore::cli {

// Whether an argument is meant as a file or folder of definitions: *.yaml, *.yml, or a folder.
bool IsDefinitionPath(const std::string& text);

// A metric, and where it is defined.
struct GivenMetric {
  compute::v1::EvaluatedMetric metric;
  // "metrics/price/a.yaml:3", without the line where the file's text leaves it open; "" for a name.
  std::string source;
};

// The metrics that the arguments give: names (NAME@2: a version) in their order, then those of all
// files by id. Files are read by the registry, as `metricctl validate` does, and nothing of them is
// stored; their tests are not run, and what they define beside metrics is left out.
// INVALID_ARGUMENT (UsageError) for a version that is none; FAILED_PRECONDITION if files cannot be
// read, have errors or hold no metric; the registry's errors.
absl::StatusOr<std::vector<GivenMetric>> ReadEvaluatedMetrics(
    Invocation& invocation, const std::vector<std::string>& given);

// Where a metric stands in a request, and how people know it.
struct MetricPlace {
  std::string field;  // "metrics[3]", "metrics[3].definition", "definitions[0]"
  std::string name;
  std::string source;  // as in GivenMetric
};
// `field` is that of the EvaluatedMetric: "metrics[3]".
MetricPlace PlaceOf(const GivenMetric& metric, const std::string& field);

// The same error with the metrics' names in the place of their fields, and the file of the first
// that its message names in front.
absl::Status WithMetricNames(const absl::Status& error, const std::vector<MetricPlace>& places);

}  // namespace metricstore::cli
