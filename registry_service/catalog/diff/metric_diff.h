// What differs between two definitions of a metric, and what follows from it.
#pragma once

#include <vector>

#include "registry_service/catalog/definition/field_change.h"
#include "registry_service/catalog/definition/metric_definition.h"

namespace metricstore::registry {

// The fields that differ, in the order of YAML keys; what the parser derives is left out. Both must
// have been bound: whether an expression, filter or SELECT means the same is told by their
// canonical forms (MetricDefinition::canonical), so that spelling alone changes no meaning. Type,
// unit and rollup are part of it: stored numbers would be read as something else.
// Breaking is what readers of the results must know: another unit, grain or type; dimensions that
// are added, removed or in another order; a rollup that is removed. What the datasets add to it is
// for MarkOtherPoints and MarkBrokenReaders.
std::vector<FieldChange> DiffMetrics(const MetricDefinition& before, const MetricDefinition& after);

// Whether the changes make a version.
bool ChangesMeaning(const std::vector<FieldChange>& changes);
bool IsBreaking(const std::vector<FieldChange>& changes);

}  // namespace metricstore::registry
