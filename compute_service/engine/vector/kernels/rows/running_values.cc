#include "compute_service/engine/vector/kernels/rows/running_values.h"

#include <algorithm>

namespace metricstore::compute::vector {

using expression::Function;

RunningValue::RunningValue(Function function, ValueType type, const Parameters& parameters)
    : function_(function),
      type_(type),
      share_(parameters.numbers.empty() ? 1 : parameters.numbers[0]) {}

void RunningValue::Run(const Operand& in, RowRange range, Operand* out) {
  if (type_ == ValueType::kFloat64) return RunReals(in, range, out);
  RunIntegers(in, range, out);
}

// NaN is greater than all numbers.
void RunningValue::AddReal(double value) {
  const double last = state_.real;
  const bool is_first = !state_.started;
  state_.started = true;
  switch (function_) {
    case Function::kCumMax:
      state_.real = is_first || value > last || value != value ? value : last;
      return;
    case Function::kCumMin:
      state_.real = is_first || value < last || last != last ? value : last;
      return;
    case Function::kEwma:
      state_.real = is_first ? value : share_ * value + (1 - share_) * last;
      return;
    default:
      state_.sum.Add(value);
      state_.real = Total(state_.sum);
  }
}

void RunningValue::AddInteger(int64_t value) {
  const bool is_greatest = function_ == Function::kCumMax;
  if (!state_.started) state_.integer = value;
  state_.integer = is_greatest ? std::max(value, state_.integer) : std::min(value, state_.integer);
  state_.started = true;
}

void RunningValue::RunReals(const Operand& in, RowRange range, Operand* out) {
  const double* const values = in.as<double>();
  double* const r = out->as<double>();
  for (size_t i = range.begin; i < range.end; ++i) {
    if (in.valid == nullptr || in.valid[i] != 0) AddReal(values[i]);
    r[i] = state_.started ? state_.real : 0;
    out->valid[i] = state_.started ? 1 : 0;
  }
}

void RunningValue::RunIntegers(const Operand& in, RowRange range, Operand* out) {
  const int64_t* const values = in.as<int64_t>();
  int64_t* const r = out->as<int64_t>();
  for (size_t i = range.begin; i < range.end; ++i) {
    if (in.valid == nullptr || in.valid[i] != 0) AddInteger(values[i]);
    r[i] = state_.started ? state_.integer : 0;
    out->valid[i] = state_.started ? 1 : 0;
  }
}

}  // namespace metricstore::compute::vector
