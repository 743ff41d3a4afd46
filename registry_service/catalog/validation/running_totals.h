// Cumulative metrics: whether anything makes them running totals.
#pragma once

#include "registry_service/catalog/definition/faults.h"
#include "registry_service/catalog/validation/definition_check.h"
#include "registry_service/catalog/validation/metric_texts.h"
#include "registry_service/catalog/yaml/definition_files.h"

namespace metricstore::registry {

// Checks the import's bound metrics of type cumulative. A running total is an expression over rows
// in a window to date or rolling, or one that reads such a metric, or another cumulative one. What
// has no expression is not looked at. Faults, DEFINITION_INVALID: of field "window" (metadata
// suggestion) for an expression over rows; of field "type" for one that reads other metrics alone.
void CheckRunningTotals(Definitions& definitions, const StoredDefinitions& stored,
                        MetricTexts& texts, Faults& faults);

}  // namespace metricstore::registry
