// Which family a function of the language belongs to, and the operation that it is, where it is
// just one.
#pragma once

#include "common/expression/node.h"
#include "compute_service/engine/vector/program/program.h"

namespace metricstore::compute::vector {

// Whether a call is kRowCall: no operator and no operation of its own.
bool IsRowCall(const expression::Node& call);
// Of a row and those around it.
bool IsOrderedCall(expression::Function function);
bool IsAggregateCall(expression::Function function);

// `function` is an operator or row function whose arguments are those of one operation.
Op DirectOp(expression::Function function);

// The comparison that holds with its sides exchanged.
expression::Function Mirrored(expression::Function function);

}  // namespace metricstore::compute::vector
