#include "compute_service/engine/vector/program/parameters.h"

#include <variant>

namespace metricstore::compute::vector {

using expression::Function;
using expression::Node;
using expression::NodeKind;

bool IsParameter(Function function, size_t index) {
  switch (function) {
    case Function::kLike:
    case Function::kIlike:
    case Function::kRound:
    case Function::kTrim:
    case Function::kTrimLeft:
    case Function::kTrimRight:
    case Function::kRepeat:
    case Function::kSplitPart:
    case Function::kLag:
    case Function::kLead:
    case Function::kEwma:
    case Function::kQuantileCont:
    case Function::kQuantileDisc:
    case Function::kStringAgg:
    case Function::kHistogram:
    case Function::kTopK:
    case Function::kBottomK:
      return index >= 1;
    case Function::kPadLeft:
    case Function::kPadRight:
      return index == 2;
    case Function::kDatePart:
    case Function::kDateTrunc:
    case Function::kDateDiff:
      return index == 0;
    default:
      return false;
  }
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
