// Functions of a row and those around it in its bucket.
#include <utility>

#include "compute_service/engine/vector/program/parameters.h"
#include "compute_service/engine/vector/program/tree_lowering.h"

namespace metricstore::compute::vector {

using expression::Function;
using expression::Node;

ValueId TreeLowering::LookAround(Op op, ValueId value, uint64_t rows, const Domain& domain) {
  Value look{.op = op, .type = values_[value].type, .domain = domain};
  look.arguments[0] = Whole(value, domain);
  look.payload = rows;
  return values_.Add(look);
}

ValueId TreeLowering::LogReturn(ValueId value, const Domain& domain) {
  const ValueId before = LookAround(Op::kLag, value, 1, domain);
  return Real(Op::kLn, domain, {Real(Op::kDivide, domain, {value, before})});
}

ValueId TreeLowering::LowerRunning(const Node& node, const Domain& domain) {
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

ValueId TreeLowering::LowerOrdered(const Node& node, const Domain& domain) {
  if (domain.kind != DomainKind::kSliced) {
    return Unsupported("a function of several rows stands inside an aggregate",
                       ComputedType(node.type));
  }
  const auto rows = [&] {
    const std::vector<double> given = ParametersOf(node).numbers;
    return given.empty() ? UINT64_C(1) : static_cast<uint64_t>(given[0]);
  };
  switch (node.function) {
    case Function::kLag:
      return LookAround(Op::kLag, Lower(*node.arguments[0], domain), rows(), domain);
    case Function::kLead:
      return LookAround(Op::kLead, Lower(*node.arguments[0], domain), rows(), domain);
    case Function::kDelta: {
      const ValueId value = Lower(*node.arguments[0], domain);
      return values_.Add(Op::kSubtract, values_[value].type, domain,
                         {value, LookAround(Op::kLag, value, 1, domain)});
    }
    case Function::kLogReturn:
      return LogReturn(Lower(*node.arguments[0], domain), domain);
    default:
      return LowerRunning(node, domain);
  }
}

}  // namespace metricstore::compute::vector
