// Which metrics are to be evaluated: stored ones by name, others out of definition files.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "cli/core/invocation.h"
#include "cli/evaluation/error_places.h"
#include "metricstore/compute/v1/compute_service.pb.h"

namespace metricstore::cli {

// Whether an argument is meant as a file or folder of definitions: *.yaml, *.yml, or a folder.
bool IsDefinitionPath(const std::string& text);

// A metric, and where it is defined.
struct GivenMetric {
  compute::v1::EvaluatedMetric metric;
  MetricSource source;
};

struct GivenMetrics {
  std::vector<GivenMetric> metrics;
  std::map<std::string, std::string> datasets;  // by name: the file that defines it
};

// The metrics that the arguments give: names (NAME@2: a version) in their order, then those of all
// files by id. Files are read by the registry, as `metricctl validate` does, and nothing of them is
// stored; their tests are not run, and of what they define beside metrics only datasets are noted.
// INVALID_ARGUMENT (UsageError) for a version that is none; FAILED_PRECONDITION if files cannot be
// read, have errors or hold no metric; the registry's errors.
absl::StatusOr<GivenMetrics> ReadEvaluatedMetrics(Invocation& invocation,
                                                  const std::vector<std::string>& texts);

// `field` is that of the EvaluatedMetric: "metrics[3]".
MetricPlace PlaceOf(const GivenMetric& metric, const std::string& field);

}  // namespace metricstore::cli
