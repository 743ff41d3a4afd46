// Functions of a row and those around it in its bucket.
#include <utility>

#include "compute_service/engine/vector/program/operation.h"
#include "compute_service/engine/vector/program/parameters.h"
#include "compute_service/engine/vector/program/tree_lowering.h"

namespace metricstore::compute::vector {

using expression::Node;

ValueId TreeLowering::NotInAggregate(const Node& node) {
  return Unsupported("a function of several rows stands inside an aggregate",
                     ComputedType(node.type));
}

ValueId TreeLowering::LowerNeighbour(const Node& node, const Domain& domain) {
  if (domain.kind != DomainKind::kSliced) return NotInAggregate(node);
  const ValueId value = Lower(*node.arguments[0], domain);
  const std::vector<double> rows = ParametersOf(node).numbers;
  Value look{.op = OperationOf(node.function), .type = values_[value].type, .domain = domain};
  look.arguments[0] = Whole(value, domain);
  look.payload = rows.empty() ? 1 : static_cast<uint64_t>(rows[0]);
  return values_.Add(look);
}

ValueId TreeLowering::LowerRunning(const Node& node, const Domain& domain) {
  if (domain.kind != DomainKind::kSliced) return NotInAggregate(node);
  const ValueType type = ComputedType(node.type);
  ValueId value = Lower(*node.arguments[0], domain);
  if (values_[value].type == ValueType::kInt64 && type == ValueType::kFloat64) {
    value = Real(Op::kToFloat64, domain, {value});
  }
  if (values_[value].type != type || type == ValueType::kCode || type == ValueType::kBool) {
    return Unsupported("running values are those of numbers and times", type);
  }
  Value running{.op = Op::kRunning, .type = type, .domain = domain};
  running.arguments[0] = value;
  running.function = node.function;
  running.parameters = values_.Parameterize(ParametersOf(node));
  return values_.Add(running);
}

}  // namespace metricstore::compute::vector
