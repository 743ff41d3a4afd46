// Values of the rows of a bucket so far: running sums, extremes and averages.
#pragma once

#include <cstddef>
#include <cstdint>

#include "common/expression/catalog/function_catalog.h"
#include "compute_service/engine/vector/kernels/loops/compensated_sum.h"
#include "compute_service/engine/vector/kernels/loops/operand.h"
#include "compute_service/engine/vector/program/program.h"

namespace metricstore::compute::vector {

// One running function over successive rows, in pieces of any length: the pieces change nothing.
// Not thread-safe.
class RunningValue {
 public:
  // kCumMax and kCumMin of kFloat64 and kInt64, kCumSum of kFloat64, kEwma of kFloat64 with its
  // share as the parameter.
  RunningValue(expression::Function function, ValueType type, const Parameters& parameters);

  // A new bucket begins.
  void Reset() { state_ = {}; }
  // Fills rows [range.begin, range.end) of `out` from those of `in`; out->valid has a byte for
  // each.
  void Run(const Operand& in, RowRange range, Operand* out);

 private:
  struct State {
    bool started = false;
    double real = 0;
    int64_t integer = 0;
    Accumulator<double> sum;
  };

  // Take one value that is not NULL.
  void AddReal(double value);
  void AddInteger(int64_t value);
  void RunReals(const Operand& in, RowRange range, Operand* out);
  void RunIntegers(const Operand& in, RowRange range, Operand* out);

  const expression::Function function_;
  const ValueType type_;
  const double share_;
  State state_;
};

}  // namespace metricstore::compute::vector
