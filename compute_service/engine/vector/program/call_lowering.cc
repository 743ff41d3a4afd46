// Functions of one row.
#include <utility>

#include "absl/strings/str_cat.h"
#include "compute_service/engine/vector/program/direct_op.h"
#include "compute_service/engine/vector/program/parameters.h"
#include "compute_service/engine/vector/program/tree_lowering.h"

namespace metricstore::compute::vector {

using columns::ColumnType;
using expression::Function;
using expression::Node;
using expression::NodeKind;

namespace {

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
ValueId TreeLowering::LowerFold(const Node& node, const Domain& domain) {
  const ValueType type = ComputedType(node.type);
  const Op op = DirectOp(node.function);
  const bool is_extreme = op == Op::kGreatest || op == Op::kLeast;
  if (is_extreme && type == ValueType::kCode) return LowerTextExtreme(node, domain);
  const bool is_rounding = op == Op::kFloor || op == Op::kCeil || op == Op::kRound;
  ValueId value = Lower(*node.arguments[0], domain);
  if (is_rounding && type == ValueType::kInt64) return value;
  if (node.arguments.size() == 1) {
    const bool is_identity = op == Op::kCoalesce || is_extreme;
    return is_identity ? value : values_.Add(op, type, domain, {value});
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
  if (argument.is_null()) return values_.Null(ComputedType(node.type));
  return CastTo(argument.type, node.type, Lower(argument, domain), domain);
}

ValueId TreeLowering::LowerTimeCall(const Node& node, const Domain& domain) {
  if (HasNullParameter(node)) return values_.Null(ComputedType(node.type));
  Value call{.op = Op::kRowCall, .type = ComputedType(node.type), .domain = domain};
  for (size_t i = 1; i < node.arguments.size(); ++i) {
    call.arguments[i - 1] = Lower(*node.arguments[i], domain);
  }
  call.function = node.function;
  call.parameters = values_.Parameterize(ParametersOf(node));
  call.argument_type = node.arguments[1]->type;  // that of both, where there are two
  call.result_type = node.type;
  return values_.Add(call);
}

ValueId TreeLowering::LowerRowCall(const Node& node, const Domain& domain) {
  const bool is_known = node.function == Function::kConcat ||
                        (node.function >= Function::kAbs && node.function <= Function::kSplitPart);
  const ValueType type = ComputedType(node.type);
  if (!is_known) return Unsupported("a function that this executor has not", type);
  if (HasNullParameter(node)) return values_.Null(type);
  Value call{.op = Op::kRowCall, .type = type, .domain = domain};
  size_t count = 0;
  for (size_t i = 0; i < node.arguments.size(); ++i) {
    if (IsParameter(node.function, i)) continue;
    if (count == call.arguments.size()) return Unsupported("a call with more arguments", type);
    const Node& argument = *node.arguments[i];
    ValueId value = Lower(argument, domain);
    if (node.function == Function::kConcat && !argument.is_null()) {
      value = CastTo(argument.type, ColumnType::kText, value, domain);
    }
    call.arguments[count++] = value;
  }
  // What is whole has no fraction to lose.
  const bool is_whole = values_[call.arguments[0]].type == ValueType::kInt64;
  if (node.function == Function::kTrunc && is_whole) return call.arguments[0];
  call.function = node.function;
  call.parameters = values_.Parameterize(ParametersOf(node));
  call.argument_type = node.arguments[0]->type;
  call.result_type = node.type;
  return values_.Add(call);
}

}  // namespace metricstore::compute::vector
