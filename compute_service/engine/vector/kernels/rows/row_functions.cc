#include "compute_service/engine/vector/kernels/rows/row_functions.h"

#include <cstring>

namespace metricstore::compute::vector {
namespace {

using expression::Function;

// For calls that the lowering should have refused: NULL, whatever the type.
void GiveNull(const RowCallContext&, const Operand*, Operand* out, size_t rows) {
  std::memset(out->valid, 0, rows);
}

RowFunction FindFunction(const Value& call, ValueType first) {
  if (call.function == Function::kCast) return CastFunction(call.argument_type, call.result_type);
  if (const RowFunction time = TimeFunction(call.function, call.argument_type)) return time;
  if (const RowFunction math = MathFunction(call.function, first)) return math;
  return TextFunction(call.function);
}

}  // namespace

RowFunction FunctionOf(const Value& call, ValueType first) {
  const RowFunction found = FindFunction(call, first);
  return found != nullptr ? found : GiveNull;
}

bool SkipsNull(Function function) {
  return expression::SpecOf(function).nulls != expression::NullBehaviour::kPropagates;
}

}  // namespace metricstore::compute::vector
