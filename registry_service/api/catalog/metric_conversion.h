// Metrics to and from their messages.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "metricstore/registry/v1/metric.pb.h"
#include "registry_service/catalog/definition/metric_definition.h"
#include "registry_service/proto_conversion/window_conversion.h"

namespace metricstore::registry::api {

using messages::ToProto;
void ToProto(const MetricDefinition& metric, v1::Metric* proto);

// The metric as field 1 of a message: what GetMetricResponse is, and an element of what every list
// of metrics is.
std::string EncodeMetric(const MetricDefinition& metric);

// The fields of a metric that callers set; those that the service sets are ignored. An enum without
// a value takes the type's first: whether it had to be given is the caller's to check.
// INVALID_ARGUMENT (FIELD_INVALID, naming "metric.<field>") for enums and durations that have no
// meaning, and for texts above 64 KiB. What else makes a metric sensible is for the catalogue to
// say.
absl::StatusOr<MetricDefinition> FromProto(const v1::Metric& proto);

}  // namespace metricstore::registry::api
