// The operation that a function of the language is, where it is just one.
#pragma once

#include "common/expression/function_catalog.h"
#include "compute_service/engine/vector/program.h"

namespace metricstore::compute::vector {

// `function` is an operator or row function whose arguments are those of one operation.
Op DirectOp(expression::Function function);

// The comparison that holds with its sides exchanged.
expression::Function Mirrored(expression::Function function);

}  // namespace metricstore::compute::vector
