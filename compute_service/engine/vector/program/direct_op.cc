#include "compute_service/engine/vector/program/direct_op.h"

#include <algorithm>
#include <iterator>

namespace metricstore::compute::vector {

using expression::Function;

namespace {

constexpr struct {
  Function function;
  Op op;
} kDirectOps[] = {
    {Function::kAdd, Op::kAdd},
    {Function::kSubtract, Op::kSubtract},
    {Function::kMultiply, Op::kMultiply},
    {Function::kDivide, Op::kDivide},
    {Function::kModulo, Op::kModulo},
    {Function::kNegate, Op::kNegate},
    {Function::kEqual, Op::kEqual},
    {Function::kNotEqual, Op::kNotEqual},
    {Function::kLess, Op::kLess},
    {Function::kLessEqual, Op::kLessEqual},
    {Function::kGreater, Op::kGreater},
    {Function::kGreaterEqual, Op::kGreaterEqual},
    {Function::kAnd, Op::kAnd},
    {Function::kOr, Op::kOr},
    {Function::kNot, Op::kNot},
    {Function::kCoalesce, Op::kCoalesce},
    {Function::kNullIf, Op::kNullIf},
    {Function::kGreatest, Op::kGreatest},
    {Function::kLeast, Op::kLeast},
    {Function::kToFloat64, Op::kToFloat64},
    {Function::kAbs, Op::kAbs},
    {Function::kSign, Op::kSign},
    {Function::kFloor, Op::kFloor},
    {Function::kCeil, Op::kCeil},
    {Function::kRound, Op::kRound},
    {Function::kExp, Op::kExp},
    {Function::kLn, Op::kLn},
    {Function::kLog10, Op::kLog10},
    {Function::kSqrt, Op::kSqrt},
    {Function::kPower, Op::kPower},
};

const auto* FindDirectOp(Function function) {
  return std::find_if(std::begin(kDirectOps), std::end(kDirectOps),
                      [&](const auto& each) { return each.function == function; });
}

}  // namespace

bool IsOrderedCall(Function function) {
  return function >= Function::kLag && function <= Function::kEwma;
}

bool IsAggregateCall(Function function) {
  return function >= Function::kCountRows && function <= Function::kZscorePop;
}

bool IsRowCall(const expression::Node& call) {
  // Rounding to digits takes parameters.
  if (call.function == Function::kRound) return call.arguments.size() > 1;
  return FindDirectOp(call.function) == std::end(kDirectOps);
}

Op DirectOp(Function function) {
  const auto* const found = FindDirectOp(function);
  return found == std::end(kDirectOps) ? Op::kPower : found->op;
}

Function Mirrored(Function function) {
  switch (function) {
    case Function::kLess:
      return Function::kGreater;
    case Function::kLessEqual:
      return Function::kGreaterEqual;
    case Function::kGreater:
      return Function::kLess;
    case Function::kGreaterEqual:
      return Function::kLessEqual;
    default:
      return function;
  }
}

}  // namespace metricstore::compute::vector
