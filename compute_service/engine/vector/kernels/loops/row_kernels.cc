#include "compute_service/engine/vector/kernels/loops/row_kernels.h"

#include "compute_service/engine/vector/kernels/loops/widths.h"

namespace metricstore::compute::vector {

RowKernel ArithmeticKernel(Op op, ValueType type) { return WidestLoops().arithmetic(op, type); }

RowKernel ConditionKernel(Op op, ValueType type) { return WidestLoops().condition(op, type); }

}  // namespace metricstore::compute::vector
