#include "compute_service/engine/vector/direct_op.h"

namespace metricstore::compute::vector {

using expression::Function;

Op DirectOp(Function function) {
  switch (function) {
    case Function::kAdd:
      return Op::kAdd;
    case Function::kSubtract:
      return Op::kSubtract;
    case Function::kMultiply:
      return Op::kMultiply;
    case Function::kDivide:
      return Op::kDivide;
    case Function::kModulo:
      return Op::kModulo;
    case Function::kNegate:
      return Op::kNegate;
    case Function::kEqual:
      return Op::kEqual;
    case Function::kNotEqual:
      return Op::kNotEqual;
    case Function::kLess:
      return Op::kLess;
    case Function::kLessEqual:
      return Op::kLessEqual;
    case Function::kGreater:
      return Op::kGreater;
    case Function::kGreaterEqual:
      return Op::kGreaterEqual;
    case Function::kAnd:
      return Op::kAnd;
    case Function::kOr:
      return Op::kOr;
    case Function::kNot:
      return Op::kNot;
    case Function::kCoalesce:
      return Op::kCoalesce;
    case Function::kNullIf:
      return Op::kNullIf;
    case Function::kGreatest:
      return Op::kGreatest;
    case Function::kLeast:
      return Op::kLeast;
    case Function::kToFloat64:
      return Op::kToFloat64;
    case Function::kAbs:
      return Op::kAbs;
    case Function::kSign:
      return Op::kSign;
    case Function::kFloor:
      return Op::kFloor;
    case Function::kCeil:
      return Op::kCeil;
    case Function::kRound:
      return Op::kRound;
    case Function::kExp:
      return Op::kExp;
    case Function::kLn:
      return Op::kLn;
    case Function::kLog10:
      return Op::kLog10;
    case Function::kSqrt:
      return Op::kSqrt;
    default:
      return Op::kPower;
  }
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
