// One short text for what a metric says, whatever it is called.
#pragma once

#include <string>

#include "registry_service/catalog/definition/metric_definition.h"

namespace metricstore::registry {

// 24 hexadecimal digits of a hash over the canonical forms, dataset, window, grain, dimensions,
// timeframe and its alignment of a bound metric.
std::string MeaningOf(const MetricDefinition& metric);
// The same without the SELECTs, where they stand beside an expression; else "".
std::string MeaningWithoutSqlOf(const MetricDefinition& metric);

}  // namespace metricstore::registry
