// Fields of a metric by the names of proto Metric: what an update's mask names.
#pragma once

#include <string>
#include <vector>

#include "registry_service/catalog/definition/metric_definition.h"

namespace metricstore::registry {

// Names of the fields that an update can set, in the order of proto Metric.
std::vector<std::string> SettableFields();

// Sets those fields of `to` as they are in `from`; all that can be set if there are none, or for
// "*". Others are left out. What the parser derived of `to` is cleared: it is to be derived anew.
void CopyFields(const MetricDefinition& from, const std::vector<std::string>& fields,
                MetricDefinition& to);

}  // namespace metricstore::registry
