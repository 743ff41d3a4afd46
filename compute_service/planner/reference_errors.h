// Errors about what a call of metric(...) names, told where the call stands.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "common/expression/node.h"
#include "compute_service/definition/definitions.h"

namespace metricstore::compute {

// The id and the offset that a bound call of metric(...) holds.
const std::string& MetricOf(const expression::Node& call);
const std::string& OffsetOf(const expression::Node& call);

// The error as a refusal of that id in the expression of `reader`, as the binder would say it: with
// "position N: ..." before its message, metadata position and a violation of field expression.
// Code, reason and metadata stay.
absl::Status AtReference(const absl::Status& error, const MetricDefinition& reader,
                         const expression::Node& call);
// The same at its offset.
absl::Status AtOffset(const absl::Status& error, const MetricDefinition& reader,
                      const expression::Node& call);

// The same of METRIC_NOT_FOUND, which comes from the registry: suggests the nearest of `given` and
// of what the registry suggests, but never the reader.
absl::Status MissingReference(const absl::Status& error, const MetricDefinition& reader,
                              const expression::Node& call, std::vector<std::string> given);

}  // namespace metricstore::compute
