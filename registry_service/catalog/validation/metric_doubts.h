// What is doubtful in a metric that is not wrong: the warnings of validate and import.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "registry_service/catalog/definition/metric_definition.h"
#include "registry_service/catalog/validation/finding.h"
#include "registry_service/datasets/dataset.h"

namespace metricstore::registry {

// Doubts of one bound metric: NOT_COMPUTED; UNIT_DOUBTFUL (a sum, avg, min, max, first or last of
// one column in another unit than the column's; a count in a currency; a ratio in a currency that
// is not one of money in that currency to something else; a ratio of equal units with a unit other
// than "ratio", "percent" or ""); TYPE_DOUBTFUL (type derived for a plain aggregate);
// NO_EFFECT (a window, filters or a timeframe
// where other metrics alone are read); NO_DESCRIPTION; NO_OWNER. `dataset` may be nullptr.
std::vector<Finding> MetricDoubts(const MetricDefinition& metric, const Dataset* dataset);

// Whether the unit is the code of a currency that is in use (ISO 4217).
bool IsCurrency(std::string_view unit);

}  // namespace metricstore::registry
