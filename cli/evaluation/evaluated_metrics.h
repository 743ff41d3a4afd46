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

// The metrics that the arguments give: names (NAME@2: a version) in their order, then those of all
// files by id. Files are read by the registry, as `metricctl validate` does, and nothing of them is
// stored; their tests are not run, and what they define beside metrics is left out.
// INVALID_ARGUMENT (UsageError) for a version that is none; FAILED_PRECONDITION if files cannot be
// read, have errors or hold no metric; the registry's errors.
absl::StatusOr<std::vector<compute::v1::EvaluatedMetric>> ReadEvaluatedMetrics(
    Invocation& invocation, const std::vector<std::string>& given);

// The same error with the metrics' names where it says "metrics[3]" or "metrics[3].definition", or,
// of one metric alone, "metric.definition".
absl::Status WithMetricNames(
    const absl::Status& error,
    const google::protobuf::RepeatedPtrField<compute::v1::EvaluatedMetric>& metrics);

}  // namespace metricstore::cli
