// A dataset as expressions see it.
#pragma once

#include "common/expression/expression.h"
#include "registry_service/datasets/dataset.h"

namespace metricstore::registry {

// All columns, in their order.
expression::Schema SchemaOf(const Dataset& dataset);

}  // namespace metricstore::registry
