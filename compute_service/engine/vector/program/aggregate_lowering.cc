#include "compute_service/engine/vector/program/aggregate_lowering.h"

#include <algorithm>
#include <utility>

#include "compute_service/engine/vector/program/operation.h"

namespace metricstore::compute::vector {
namespace {

using expression::Function;
using expression::ResultType;
using expression::VectorForm;

// One aggregate's values.
class AggregateLowering {
 public:
  AggregateLowering(const AggregateTerm& term, const Domain& buckets, ValueTable* values)
      : term_(term), buckets_(buckets), values_(*values) {}

  ValueId Lower() {
    const bool is_fold = expression::SpecOf(term_.function).vector == VectorForm::kFold;
    return is_fold && !term_.distinct ? LowerFold() : Call();
  }

 private:
  ValueId LowerFold();
  ValueId LowerVariance();
  ValueId Call();
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
    return RowType() == ValueType::kCode ? Call() : Add(op, RowType(), {Rows()});
  }

  const AggregateTerm& term_;
  const Domain& buckets_;
  ValueTable& values_;
};

ValueId AggregateLowering::LowerFold() {
  const Op op = OperationOf(term_.function);
  switch (op) {
    case Op::kCountRows:
      return Add(op, ValueType::kInt64, {});
    case Op::kCount:
      return Count();
    case Op::kSum:
      return Sum();
    case Op::kMin:
    case Op::kMax:
      return Extreme(op);
    case Op::kSquaredDeviations:
      return LowerVariance();
    default:
      return Add(op, RowType(), {Rows()});
  }
}

// Squares around the mean, over n or n - 1. With one row n - 1 is zero, and so the result NULL.
ValueId AggregateLowering::LowerVariance() {
  const ValueId squares = Real(Op::kSquaredDeviations, {Rows(), Sum(), Count()});
  const ValueId divisor = term_.function == Function::kVarSamp
                              ? Real(Op::kSubtract, {RealCount(), values_.Real(1)})
                              : RealCount();
  return Real(Op::kDivide, {squares, divisor});
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

ValueId AggregateLowering::Call() {
  Value call{.op = Op::kAggregateCall,
             .type = ResultTypeOf(term_.function, RowType()),
             .domain = buckets_,
             .function = term_.function,
             .distinct = term_.distinct,
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
  switch (expression::SpecOf(function).result) {
    case ResultType::kInt64:
      return ValueType::kInt64;
    case ResultType::kBool:
      return ValueType::kBool;
    case ResultType::kOfFirst:
      return argument;
    case ResultType::kText:
    case ResultType::kVectorOfFirst:
    case ResultType::kVectorOfInt64:
      return ValueType::kCode;
    default:
      return ValueType::kFloat64;
  }
}

}  // namespace metricstore::compute::vector
