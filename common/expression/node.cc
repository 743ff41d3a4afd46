#include "common/expression/node.h"

#include <utility>

namespace metricstore::expression {

NodePtr CloneNode(const Node& node) {
  auto copy = std::make_unique<Node>();
  copy->kind = node.kind;
  copy->type = node.type;
  copy->offset = node.offset;
  copy->literal = node.literal;
  copy->column = node.column;
  copy->function = node.function;
  copy->distinct = node.distinct;
  copy->is_vector = node.is_vector;
  for (const NodePtr& argument : node.arguments) copy->arguments.push_back(CloneNode(*argument));
  return copy;
}

}  // namespace metricstore::expression
