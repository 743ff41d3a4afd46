// Aggregates: from rows to one value a bucket.
#include <utility>

#include "compute_service/engine/vector/program/aggregate_lowering.h"
#include "compute_service/engine/vector/program/parameters.h"
#include "compute_service/engine/vector/program/tree_lowering.h"

namespace metricstore::compute::vector {

using columns::ColumnType;
using expression::Function;
using expression::Node;

ValueId TreeLowering::WholeRows(const Node& argument, const Domain& rows) {
  return Whole(Lower(argument, rows), rows);
}

ValueId TreeLowering::RealRows(const Node& argument, const Domain& rows) {
  const ValueId value = Lower(argument, rows);
  if (values_[value].type == ValueType::kFloat64) return Whole(value, rows);
  return Real(Op::kToFloat64, rows, {value});
}

ValueId TreeLowering::LowerBucketCall(const Node& node, const Domain& domain) {
  if (domain.kind != DomainKind::kBuckets) {
    return Unsupported("an aggregate of a row", ComputedType(node.type));
  }
  const Domain rows = {.kind = DomainKind::kSliced,
                       .filter_set = domain.filter_set,
                       .bucket_list = domain.bucket_list};
  switch (node.function) {
    case Function::kVwap:
      return LowerVwap(node, rows, domain);
    case Function::kZscoreSamp:
    case Function::kZscorePop:
      return LowerZscore(node, rows, domain);
    default:
      return LowerAggregateCall(node, rows, domain);
  }
}

ValueId TreeLowering::LowerAggregateCall(const Node& node, const Domain& rows,
                                         const Domain& buckets) {
  AggregateTerm term{.function = node.function, .distinct = node.distinct};
  const bool reads_presence =
      node.function == Function::kCount || node.function == Function::kCountDistinct;
  for (size_t i = 0; i < node.arguments.size(); ++i) {
    if (IsParameter(node.function, i)) continue;
    const Node& argument = *node.arguments[i];
    if (term.rows.empty()) term.argument_type = argument.type;
    term.rows.push_back(reads_presence ? Whole(LowerPresence(argument, rows), rows)
                                       : WholeRows(argument, rows));
  }
  if (node.function == Function::kTwap) {
    if (values_.time_column().empty())
      return Unsupported("rows without a time", ValueType::kFloat64);
    const ValueId time = Stored(values_.time_column(), rows);
    if (time == kNoValue) return values_.Null(ValueType::kFloat64);
    term.rows.push_back(time);
  }
  term.result_type = node.type;
  term.parameters = ParametersOf(node);
  const ValueId value = LowerAggregate(term, buckets, &values_);
  const bool widens = !node.is_vector && node.type == ColumnType::kFloat64 &&
                      values_[value].type == ValueType::kInt64;
  return widens ? Real(Op::kToFloat64, buckets, {value}) : value;
}

ValueId TreeLowering::AggregateReals(Function function, ValueId rows, const Domain& buckets) {
  return LowerAggregate({.function = function, .rows = {rows}}, buckets, &values_);
}

// sum(price * volume) / sum(volume), over the rows where neither is NULL.
ValueId TreeLowering::LowerVwap(const Node& node, const Domain& rows, const Domain& buckets) {
  const ValueId price = RealRows(*node.arguments[0], rows);
  const ValueId volume = RealRows(*node.arguments[1], rows);
  const ValueId unpriced = Condition(Op::kIsNull, rows, {price});
  const ValueId weight =
      Real(Op::kSelect, rows, {unpriced, values_.Null(ValueType::kFloat64), volume});
  const ValueId value = Real(Op::kMultiply, rows, {price, volume});
  return Real(Op::kDivide, buckets,
              {AggregateReals(Function::kSum, value, buckets),
               AggregateReals(Function::kSum, weight, buckets)});
}

// Without spread by the extremes: deviations of equal values may round to a little more than zero.
ValueId TreeLowering::LowerZscore(const Node& node, const Domain& rows, const Domain& buckets) {
  const ValueId value = RealRows(*node.arguments[0], rows);
  const bool is_sample = node.function == Function::kZscoreSamp;
  const ValueId deviation =
      AggregateReals(is_sample ? Function::kStddevSamp : Function::kStddevPop, value, buckets);
  const ValueId distance = Real(Op::kSubtract, buckets,
                                {AggregateReals(Function::kLast, value, buckets),
                                 AggregateReals(Function::kAvg, value, buckets)});
  const ValueId flat = Condition(Op::kEqual, buckets,
                                 {AggregateReals(Function::kMin, value, buckets),
                                  AggregateReals(Function::kMax, value, buckets)});
  const ValueId score = Real(Op::kDivide, buckets, {distance, deviation});
  return Real(Op::kSelect, buckets, {flat, values_.Null(ValueType::kFloat64), score});
}

}  // namespace metricstore::compute::vector
