// What makes a dataset's definition sensible.
#pragma once

#include <vector>

#include "registry_service/catalog/definition/faults.h"
#include "registry_service/datasets/dataset.h"

namespace metricstore::registry {

// All faults of a definition by itself: DEFINITION_INVALID.
std::vector<FieldFault> CheckDataset(const Dataset& dataset);

}  // namespace metricstore::registry
