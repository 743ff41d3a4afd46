// Functions of one row beyond the operators: mathematics, text, time, casts.
#pragma once

#include <cstddef>

#include "common/columns/column_batch.h"
#include "common/expression/catalog/function_catalog.h"
#include "compute_service/engine/vector/kernels/loops/operand.h"
#include "compute_service/engine/vector/kernels/texts/text_pool.h"
#include "compute_service/engine/vector/program/program.h"

namespace metricstore::compute::vector {

// What a function may use beside its arguments.
struct RowCallContext {
  TextPool& texts;
  const Parameters& parameters;
};

// Computes `rows` values of `out` like a RowKernel. Arguments and results of type kCode are codes
// of the pool. Literals that the language wants as literals come as parameters, all else as
// arguments. The same arguments give the same result, whatever came before.
using RowFunction = void (*)(const RowCallContext& context, const Operand* arguments, Operand* out,
                             size_t rows);

// The function of a kRowCall whose first argument is computed as `first`; never nullptr.
RowFunction FunctionOf(const Value& call, ValueType first);
// Whether it may give a value for NULL.
bool SkipsNull(expression::Function function);

// nullptr where the function is not of that family, or not of that type.
RowFunction MathFunction(expression::Function function, ValueType first_argument);
RowFunction TextFunction(expression::Function function);
RowFunction TimeFunction(expression::Function function, columns::ColumnType argument);
RowFunction CastFunction(columns::ColumnType from, columns::ColumnType to);

}  // namespace metricstore::compute::vector
