#include "compute_service/engine/vector/kernels/row_kernels.h"

namespace metricstore::compute::vector {

// The loader, which chooses in reductions.cc, cannot choose from templates.
#if defined(METRICSTORE_WIDE_REGISTERS)
namespace wide {
RowKernel ArithmeticKernel(Op op, ValueType type);
RowKernel ConditionKernel(Op op, ValueType type);
}  // namespace wide

namespace {
bool HasWideRegisters() { return __builtin_cpu_supports("avx2") != 0; }
}  // namespace
#else
namespace wide = narrow;

namespace {
bool HasWideRegisters() { return false; }
}  // namespace
#endif

RowKernel ArithmeticKernel(Op op, ValueType type) {
  return HasWideRegisters() ? wide::ArithmeticKernel(op, type) : narrow::ArithmeticKernel(op, type);
}

RowKernel ConditionKernel(Op op, ValueType type) {
  return HasWideRegisters() ? wide::ConditionKernel(op, type) : narrow::ConditionKernel(op, type);
}

}  // namespace metricstore::compute::vector
