// Comparisons and choices.
#include <string>
#include <utility>

#include "compute_service/engine/vector/program/operation.h"
#include "compute_service/engine/vector/program/tree_lowering.h"

namespace metricstore::compute::vector {

using columns::ColumnType;
using expression::Function;
using expression::Node;
using expression::NodeKind;

namespace {

bool IsTextColumn(const Node& node) {
  return node.kind == NodeKind::kColumn && node.type == ColumnType::kText;
}

bool IsText(const Node& node) { return node.type == ColumnType::kText; }

}  // namespace

ValueId TreeLowering::LowerPresence(const Node& node, const Domain& domain) {
  const Node& meant = Meant(node);
  if (!IsTextColumn(meant)) return Lower(node, domain);
  const ValueId codes = Stored(meant.column, domain);
  return codes == kNoValue ? values_.Null(ValueType::kCode) : codes;
}

ValueId TreeLowering::CompareTextColumn(Function function, const Node& column, const Node& literal,
                                        const Domain& domain) {
  const ValueId codes = Stored(column.column, domain);
  if (literal.is_null() || codes == kNoValue) return values_.Null(ValueType::kBool);
  return values_.Test(codes,
                      {.function = function, .literal = std::get<std::string>(literal.literal)});
}

// Equal texts of the pool have equal codes; for their order the texts are read.
ValueId TreeLowering::CompareCodes(Function function, ValueId left, ValueId right,
                                   const Domain& domain) {
  const bool is_equality = function == Function::kEqual || function == Function::kNotEqual;
  if (is_equality) return Condition(OperationOf(function), domain, {left, right});
  Value call{.op = Op::kRowCall, .type = ValueType::kBool, .domain = domain};
  call.arguments = {left, right, kNoValue};
  call.function = function;
  call.argument_type = ColumnType::kText;
  call.result_type = ColumnType::kBool;
  return values_.Add(call);
}

ValueId TreeLowering::Compare(Function function, const Node& left, const Node& right,
                              const Domain& domain) {
  const Node& meant_left = Meant(left);
  const Node& meant_right = Meant(right);
  if (IsTextColumn(meant_left) && meant_right.kind == NodeKind::kLiteral) {
    return CompareTextColumn(function, meant_left, meant_right, domain);
  }
  if (IsTextColumn(meant_right) && meant_left.kind == NodeKind::kLiteral) {
    return CompareTextColumn(Mirrored(function), meant_right, meant_left, domain);
  }
  const ValueId lowered_left = Lower(left, domain);
  const ValueId lowered_right = Lower(right, domain);
  if (IsText(left) || IsText(right)) {
    return CompareCodes(function, lowered_left, lowered_right, domain);
  }
  return Condition(OperationOf(function), domain, {lowered_left, lowered_right});
}

ValueId TreeLowering::LowerChoice(const Node& node, const Domain& domain) {
  switch (node.function) {
    case Function::kIn:
      return LowerIn(node, domain);
    case Function::kIsNull:
      return Condition(Op::kIsNull, domain, {LowerPresence(*node.arguments[0], domain)});
    default:
      return LowerCase(node, domain);
  }
}

ValueId TreeLowering::LowerIn(const Node& node, const Domain& domain) {
  ValueId found = kNoValue;
  for (size_t i = 1; i < node.arguments.size(); ++i) {
    const ValueId equal = Compare(Function::kEqual, *node.arguments[0], *node.arguments[i], domain);
    found = found == kNoValue ? equal : Condition(Op::kOr, domain, {found, equal});
  }
  return found;
}

ValueId TreeLowering::LowerTextTest(const Node& node, const Domain& domain) {
  const Node& value = Meant(*node.arguments[0]);
  const Node& pattern = *node.arguments[1];
  if (pattern.is_null()) return values_.Null(ValueType::kBool);
  if (pattern.kind != NodeKind::kLiteral) {
    return Unsupported("the pattern of LIKE is a literal", ValueType::kBool);
  }
  if (IsTextColumn(value)) return CompareTextColumn(node.function, value, pattern, domain);
  return values_.Test(
      Whole(Lower(*node.arguments[0], domain), domain),
      {.function = node.function, .literal = std::get<std::string>(pattern.literal)});
}

ValueId TreeLowering::LowerCase(const Node& node, const Domain& domain) {
  const bool has_value = node.function == Function::kCaseOf;
  const ValueType type = ComputedType(node.type);
  ValueId result = Lower(*node.arguments.back(), domain);
  for (size_t at = node.arguments.size() - 1; at >= (has_value ? 3u : 2u); at -= 2) {
    const Node& when = *node.arguments[at - 2];
    const ValueId condition = has_value
                                  ? Compare(Function::kEqual, *node.arguments[0], when, domain)
                                  : Lower(when, domain);
    const ValueId then = Lower(*node.arguments[at - 1], domain);
    const Value& otherwise = values_[result];
    const bool is_null = otherwise.op == Op::kConstant && otherwise.is_null;
    result = is_null ? values_.Add(Op::kWhere, type, domain, {condition, then})
                     : values_.Add(Op::kSelect, type, domain, {condition, then, result});
  }
  return result;
}

}  // namespace metricstore::compute::vector
