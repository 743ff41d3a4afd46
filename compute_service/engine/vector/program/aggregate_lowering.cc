#include "compute_service/engine/vector/program/aggregate_lowering.h"

#include <algorithm>
#include <utility>

namespace metricstore::compute::vector {
namespace {

using expression::Function;

// One aggregate's values.
class AggregateLowering {
 public:
  AggregateLowering(const AggregateTerm& term, const Domain& buckets, ValueTable* values)
      : term_(term), buckets_(buckets), values_(*values) {}

  ValueId Lower() {
    if (term_.function == Function::kCountRows) return Add(Op::kCountRows, ValueType::kInt64, {});
    if (term_.distinct) return Call(true);
    return LowerOfAllRows();
  }

 private:
  ValueId LowerOfAllRows();
  ValueId LowerVariance();
  ValueId Call(bool is_distinct);
  ValueId CountedRows();

  ValueId Add(Op op, ValueType type, std::vector<ValueId> arguments) {
    return values_.Add(op, type, buckets_, std::move(arguments));
  }
  ValueId Real(Op op, std::vector<ValueId> arguments) {
    return Add(op, ValueType::kFloat64, std::move(arguments));
  }
  ValueId Rows() const { return term_.rows[0]; }
  ValueType RowType() const { return values_[Rows()].type; }
  ValueId Sum() { return Real(Op::kSum, {Rows()}); }
  ValueId Count() { return Add(Op::kCount, ValueType::kInt64, {CountedRows()}); }
  ValueId RealCount() { return Real(Op::kToFloat64, {Count()}); }
  // Codes do not rise with their texts.
  ValueId Extreme(Op op) {
    return RowType() == ValueType::kCode ? Call(false) : Add(op, RowType(), {Rows()});
  }

  const AggregateTerm& term_;
  const Domain& buckets_;
  ValueTable& values_;
};

ValueId AggregateLowering::LowerOfAllRows() {
  switch (term_.function) {
    case Function::kCount:
      return Count();
    case Function::kSum:
      return Sum();
    case Function::kAvg:
      return Real(Op::kDivide, {Sum(), RealCount()});
    case Function::kMin:
    case Function::kBoolAnd:  // false is less than true
      return Extreme(Op::kMin);
    case Function::kMax:
    case Function::kBoolOr:
      return Extreme(Op::kMax);
    case Function::kFirst:
    case Function::kAnyValue:
      return Add(Op::kFirst, RowType(), {Rows()});
    case Function::kLast:
      return Add(Op::kLast, RowType(), {Rows()});
    case Function::kStddevSamp:
    case Function::kStddevPop:
    case Function::kVarSamp:
    case Function::kVarPop:
      return LowerVariance();
    default:
      return Call(false);
  }
}

// Squares around the mean, over n or n - 1. With one row n - 1 is zero, and so the result NULL.
ValueId AggregateLowering::LowerVariance() {
  const ValueId squares = Real(Op::kSquaredDeviations, {Rows(), Sum(), Count()});
  const bool is_sample =
      term_.function == Function::kVarSamp || term_.function == Function::kStddevSamp;
  const ValueId divisor =
      is_sample ? Real(Op::kSubtract, {RealCount(), values_.Real(1)}) : RealCount();
  const ValueId variance = Real(Op::kDivide, {squares, divisor});
  const bool is_root =
      term_.function == Function::kStddevSamp || term_.function == Function::kStddevPop;
  return is_root ? Real(Op::kSqrt, {variance}) : variance;
}

// A count does not read values. Where a condition alone says which rows have one, as in count(*)
// with a filter, those of the condition's own type are the smallest.
ValueId AggregateLowering::CountedRows() {
  const Value rows = values_[Rows()];
  if (rows.op != Op::kWhere) return Rows();
  const Value& counted = values_[rows.arguments[1]];
  if (counted.op != Op::kConstant || counted.is_null) return Rows();
  return values_.Add(Op::kWhere, ValueType::kBool, rows.domain,
                     {rows.arguments[0], values_.Bool(true)});
}

ValueId AggregateLowering::Call(bool is_distinct) {
  Value call{.op = Op::kAggregateCall,
             .type = ResultTypeOf(term_.function, RowType()),
             .domain = buckets_,
             .function = term_.function,
             .distinct = is_distinct,
             .parameters = values_.Parameterize(term_.parameters),
             .argument_type = term_.argument_type,
             .result_type = term_.result_type};
  std::copy(term_.rows.begin(), term_.rows.end(), call.arguments.begin());
  return values_.Add(call);
}

}  // namespace

ValueId LowerAggregate(const AggregateTerm& term, const Domain& buckets, ValueTable* values) {
  return AggregateLowering(term, buckets, values).Lower();
}

ValueType ResultTypeOf(Function function, ValueType argument) {
  switch (function) {
    case Function::kCountRows:
    case Function::kCount:
    case Function::kCountDistinct:
    case Function::kRegrCount:
      return ValueType::kInt64;
    case Function::kMin:
    case Function::kMax:
    case Function::kFirst:
    case Function::kLast:
    case Function::kAnyValue:
    case Function::kArgMin:
    case Function::kArgMax:
    case Function::kMode:
    case Function::kQuantileDisc:
    case Function::kBoolAnd:
    case Function::kBoolOr:
      return argument;
    case Function::kStringAgg:
    case Function::kArrayAgg:
    case Function::kHistogram:
    case Function::kTopK:
    case Function::kBottomK:
      return ValueType::kCode;
    default:
      return ValueType::kFloat64;
  }
}

}  // namespace metricstore::compute::vector
