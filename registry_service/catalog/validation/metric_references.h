// Metrics that read other metrics: whether those exist, and whether any reads itself in the end.
#pragma once

#include "registry_service/catalog/definition/faults.h"
#include "registry_service/catalog/validation/definition_check.h"
#include "registry_service/catalog/validation/metric_texts.h"
#include "registry_service/catalog/yaml/definition_files.h"

namespace metricstore::registry {

// Checks the references (depends_on) of the import's bound metrics. Faults of field "expression":
// METRIC_NOT_FOUND (metadata metric, suggestion) for one that neither the import nor the store has,
// or that was deleted; DEPENDENCY_CYCLE (metadata cycle, "a/x -> a/y -> a/x") at one metric of each
// circle through the import. Both say where in the expression the reference stands (metadata
// position, 1-based character), a circle that to its second metric.
void CheckReferences(Definitions& definitions, const StoredDefinitions& stored, MetricTexts& texts,
                     Faults& faults);

}  // namespace metricstore::registry
