// What every metric holds to before its words are understood: required fields, sizes, texts that
// files can hold.
#pragma once

#include <vector>

#include "registry_service/catalog/definition/faults.h"
#include "registry_service/catalog/definition/metric_definition.h"

namespace metricstore::registry {

// Brings a metric that no file gave into the form that files give: texts without surrounding white
// space and with LF at the ends of lines, the default display name, nothing in the window but what
// its kind and reach read.
void NormalizeMetric(MetricDefinition& metric);

// What makes a normal metric one that can be written to a file and read back: DEFINITION_INVALID.
// Fields of lists are "tags[1]", of tests "tests[0].rows[2].close". Whether a dataset is required
// is for the parser of expressions to say.
std::vector<FieldFault> CheckMetricShape(const MetricDefinition& metric);

}  // namespace metricstore::registry
