// Functions of one row.
#include <utility>

#include "absl/strings/str_cat.h"
#include "compute_service/engine/vector/program/operation.h"
#include "compute_service/engine/vector/program/parameters.h"
#include "compute_service/engine/vector/program/tree_lowering.h"

namespace metricstore::compute::vector {

using columns::ColumnType;
using expression::Function;
using expression::Node;

namespace {

bool HasParameter(const Node& call) {
  for (size_t i = 0; i < call.arguments.size(); ++i) {
    if (IsParameter(call.function, i)) return true;
  }
  return false;
}

bool HasNullParameter(const Node& call) {
  for (size_t i = 0; i < call.arguments.size(); ++i) {
    if (IsParameter(call.function, i) && call.arguments[i]->is_null()) return true;
  }
  return false;
}

// Whether a cast exists; times become no numbers, and numbers no times.
bool IsCastable(ColumnType from, ColumnType to) {
  const auto is_time = [](ColumnType type) {
    return type == ColumnType::kTimestamp || type == ColumnType::kDate;
  };
  if (from == ColumnType::kText || to == ColumnType::kText) return true;
  return is_time(from) == is_time(to);
}

}  // namespace

// Calls of one operation; those of more arguments than it has are folded from the left.
ValueId TreeLowering::LowerOperation(const Node& node, const Domain& domain) {
  if (HasParameter(node)) return LowerRowCall(node, domain);
  const ValueType type = ComputedType(node.type);
  const Op op = OperationOf(node.function);
  const bool is_extreme = op == Op::kGreatest || op == Op::kLeast;
  if (is_extreme && type == ValueType::kCode) return LowerTextExtreme(node, domain);
  const bool is_rounding = op == Op::kFloor || op == Op::kCeil || op == Op::kRound;
  ValueId value = Lower(*node.arguments[0], domain);
  if (is_rounding && type == ValueType::kInt64) return value;
  if (node.arguments.size() == 1) {
    const bool may_have_more =
        expression::SpecOf(node.function).max_arguments == expression::kAnyNumber;
    return may_have_more ? value : values_.Add(op, type, domain, {value});
  }
  for (size_t i = 1; i < node.arguments.size(); ++i) {
    value = values_.Add(op, type, domain, {value, Lower(*node.arguments[i], domain)});
  }
  return value;
}

ValueId TreeLowering::LowerTextExtreme(const Node& node, const Domain& domain) {
  ValueId value = Lower(*node.arguments[0], domain);
  for (size_t i = 1; i < node.arguments.size(); ++i) {
    Value call{.op = Op::kRowCall, .type = ValueType::kCode, .domain = domain};
    call.arguments = {value, Lower(*node.arguments[i], domain), kNoValue};
    call.function = node.function;
    call.argument_type = call.result_type = ColumnType::kText;
    value = values_.Add(call);
  }
  return value;
}

ValueId TreeLowering::CastTo(ColumnType from, ColumnType to, ValueId value, const Domain& domain) {
  if (from == to) return value;
  if (from == ColumnType::kInt64 && to == ColumnType::kFloat64) {
    return Real(Op::kToFloat64, domain, {value});
  }
  if (!IsCastable(from, to)) {
    return Unsupported(
        absl::StrCat("there is no cast from ", std::string(columns::ColumnTypeName(from)), " to ",
                     std::string(columns::ColumnTypeName(to))),
        ComputedType(to));
  }
  Value call{.op = Op::kRowCall, .type = ComputedType(to), .domain = domain};
  call.arguments[0] = value;
  call.function = Function::kCast;
  call.argument_type = from;
  call.result_type = to;
  return values_.Add(call);
}

ValueId TreeLowering::LowerCast(const Node& node, const Domain& domain) {
  const Node& argument = *node.arguments[0];
  if (Meant(argument).is_null()) return values_.Null(ComputedType(node.type));
  return CastTo(argument.type, node.type, Lower(argument, domain), domain);
}

ValueId TreeLowering::LowerRowCall(const Node& node, const Domain& domain) {
  const ValueType type = ComputedType(node.type);
  if (HasNullParameter(node)) return values_.Null(type);
  Value call{.op = Op::kRowCall, .type = type, .domain = domain};
  size_t count = 0;
  for (size_t i = 0; i < node.arguments.size(); ++i) {
    if (IsParameter(node.function, i)) continue;
    if (count == call.arguments.size()) return Unsupported("a call with more arguments", type);
    const Node& argument = *node.arguments[i];
    if (count == 0) call.argument_type = argument.type;
    ValueId value = Lower(argument, domain);
    if (node.function == Function::kConcat && !Meant(argument).is_null()) {
      value = CastTo(argument.type, ColumnType::kText, value, domain);
    }
    call.arguments[count++] = value;
  }
  // What is whole has no fraction to lose.
  const bool is_whole = values_[call.arguments[0]].type == ValueType::kInt64;
  if (node.function == Function::kTrunc && is_whole) return call.arguments[0];
  call.function = node.function;
  call.parameters = values_.Parameterize(ParametersOf(node));
  call.result_type = node.type;
  return values_.Add(call);
}

}  // namespace metricstore::compute::vector
