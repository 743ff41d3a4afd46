// Which fields of a metric an update sets.
#pragma once

#include <google/protobuf/field_mask.pb.h>

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "metricstore/registry/v1/metric.pb.h"

namespace metricstore::registry::api {

// The fields of the mask, each once; all that can be set for "*"; those that `metric` has for an
// empty mask. INVALID_ARGUMENT: FIELD_REQUIRED if there is nothing to set; FIELD_INVALID (metadata
// suggestion if one is near) for names of no field, of parts of fields, and of fields that the
// service sets.
absl::StatusOr<std::vector<std::string>> ReadUpdateMask(const google::protobuf::FieldMask& mask,
                                                        const v1::Metric& metric);

// Clears all fields of the metric that are not named: they are not meant.
void KeepFields(const std::vector<std::string>& fields, v1::Metric& metric);

}  // namespace metricstore::registry::api
