// Which arguments of a call are literals by the function's definition, and their values.
#pragma once

#include <cstddef>

#include "common/expression/node.h"
#include "compute_service/engine/vector/program/program.h"

namespace metricstore::compute::vector {

// Whether the argument at `index` says how to compute rather than what: a unit, a pattern, a
// number of digits.
bool IsParameter(expression::Function function, size_t index);

// The values of a call's parameters.
Parameters ParametersOf(const expression::Node& call);

}  // namespace metricstore::compute::vector
