// Element-by-element operations on runs of values, written so that the compiler vectorises them.
#pragma once

#include <cstddef>

#include "compute_service/engine/vector/kernels/loops/operand.h"
#include "compute_service/engine/vector/program/program.h"

namespace metricstore::compute::vector {

// Computes `rows` values of `out` from those of `arguments`. out->values and out->valid are buffers
// of that many elements; afterwards out->valid is nullptr if no row is NULL. They never overlap the
// arguments.
using RowKernel = void (*)(const Operand* arguments, Operand* out, size_t rows);

// The kernel of an operation whose (first; of kSelect and kWhere: second) argument has type `type`,
// or nullptr if there is none. Real division and all functions of doubles give NULL outside their
// domain.
RowKernel ArithmeticKernel(Op op, ValueType type);
RowKernel ConditionKernel(Op op, ValueType type);

}  // namespace metricstore::compute::vector
