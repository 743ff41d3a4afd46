#include "compute_service/engine/vector/program/parameters.h"

#include <variant>

#include "common/expression/catalog/function_catalog.h"

namespace metricstore::compute::vector {

using expression::Function;
using expression::Node;
using expression::NodeKind;

bool IsParameter(Function function, size_t index) {
  return IsLiteral(expression::SpecOf(function).arguments[index].type);
}

namespace {

// A literal, or one with a minus before it.
void AddParameter(const Node& node, double sign, Parameters* parameters) {
  if (node.kind == NodeKind::kCall) {
    const bool is_minus = node.function == Function::kNegate;
    return AddParameter(*node.arguments[0], is_minus ? -sign : sign, parameters);
  }
  if (const auto* real = std::get_if<double>(&node.literal)) {
    parameters->numbers.push_back(sign * *real);
  } else if (const auto* integer = std::get_if<int64_t>(&node.literal)) {
    parameters->numbers.push_back(sign * static_cast<double>(*integer));
  } else if (const auto* text = std::get_if<std::string>(&node.literal)) {
    parameters->texts.push_back(*text);
  }
}

}  // namespace

Parameters ParametersOf(const Node& call) {
  Parameters parameters;
  for (size_t i = 0; i < call.arguments.size(); ++i) {
    if (IsParameter(call.function, i)) AddParameter(*call.arguments[i], 1, &parameters);
  }
  return parameters;
}

}  // namespace metricstore::compute::vector
