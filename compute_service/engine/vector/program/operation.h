// The operation that a function of the language is, where it is one.
#pragma once

#include <span>

#include "common/expression/catalog/function_catalog.h"
#include "compute_service/engine/vector/program/program.h"

namespace metricstore::compute::vector {

struct FunctionOperation {
  expression::Function function;
  Op op;
};

// Of every function whose form in the catalogue is kOperation, kComparison, kNeighbour or kFold.
std::span<const FunctionOperation> FunctionOperations();

// The operation of one of these.
Op OperationOf(expression::Function function);

// The comparison that holds with its sides exchanged.
expression::Function Mirrored(expression::Function function);

}  // namespace metricstore::compute::vector
