#include "compute_service/engine/vector/program/operation.h"

#include <algorithm>
#include <iterator>

namespace metricstore::compute::vector {

using expression::Function;

namespace {

constexpr FunctionOperation kOperations[] = {
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
    {Function::kLag, Op::kLag},
    {Function::kLead, Op::kLead},
    {Function::kCountRows, Op::kCountRows},
    {Function::kCount, Op::kCount},
    {Function::kSum, Op::kSum},
    {Function::kMin, Op::kMin},
    {Function::kMax, Op::kMax},
    {Function::kBoolAnd, Op::kMin},  // false is less than true
    {Function::kBoolOr, Op::kMax},
    {Function::kFirst, Op::kFirst},
    {Function::kLast, Op::kLast},
    {Function::kVarSamp, Op::kSquaredDeviations},  // over n - 1
    {Function::kVarPop, Op::kSquaredDeviations},   // over n
};

}  // namespace

std::span<const FunctionOperation> FunctionOperations() { return kOperations; }

Op OperationOf(Function function) {
  return std::find_if(std::begin(kOperations), std::end(kOperations),
                      [&](const auto& each) { return each.function == function; })
      ->op;
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
