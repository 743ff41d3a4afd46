// What every unit test of a metric holds to before it is run.
#pragma once

#include <vector>

#include "registry_service/catalog/definition/faults.h"
#include "registry_service/catalog/definition/metric_definition.h"

namespace metricstore::registry {

// As NormalizeMetric; values of rows keep their white space.
void NormalizeMetricTest(MetricTest& test);

// Adds the faults of a metric's tests: DEFINITION_INVALID. Which columns and buckets there are is
// for the dataset and its calendar to say.
void CheckMetricTests(const std::vector<MetricTest>& tests, std::vector<FieldFault>& faults);

}  // namespace metricstore::registry
