// The typed tree of a bound expression.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "common/columns/column_batch.h"
#include "common/expression/catalog/function_catalog.h"

namespace metricstore::expression {

enum class NodeKind { kLiteral, kColumn, kCall };

// NULL, kFloat64, kBool, kText, or int64 for kInt64, kTimestamp (microseconds) and kDate (days).
using Literal = std::variant<std::monostate, double, bool, std::string, int64_t>;

// A node owns its arguments. Inside an aggregate nodes are values of rows, outside of buckets.
// Arguments have the common type that their function wants; kToFloat64 calls make it so.
struct Node {
  NodeKind kind = NodeKind::kLiteral;
  columns::ColumnType type = columns::ColumnType::kFloat64;
  size_t offset = 0;                   // in bytes, where the text names it
  Literal literal;                     // kLiteral
  std::string column;                  // kColumn
  Function function = Function::kAdd;  // kCall
  bool distinct = false;   // kCall of an aggregate: each value counts once, where it comes first
  bool is_vector = false;  // kCall: a list of values of `type`; only as a metric's root
  std::vector<std::unique_ptr<const Node>> arguments;  // kCall, in the order of Function's comment

  bool is_null() const {
    return kind == NodeKind::kLiteral && std::holds_alternative<std::monostate>(literal);
  }
};

using NodePtr = std::unique_ptr<const Node>;

// A tree of its own, equal to that of `node`.
NodePtr CloneNode(const Node& node);

}  // namespace metricstore::expression
