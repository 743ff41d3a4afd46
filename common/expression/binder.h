// Looks up names and types: from what the grammar read to a typed tree.
#pragma once

#include <string_view>

#include "absl/status/statusor.h"
#include "common/expression/expression.h"
#include "common/expression/node.h"
#include "common/expression/syntax.h"

namespace metricstore::expression {

enum class Purpose {
  kMetric,  // a number for each bucket
  kFilter,  // a condition on each row
  kBody,    // what a function is made of: a part of any expression
};

// INVALID_ARGUMENT (EXPRESSION_INVALID) as BoundExpression says. `text` is what `syntax` was read
// from, for positions.
absl::StatusOr<NodePtr> Bind(std::string_view text, const SyntaxNode& syntax, Purpose purpose,
                             const Schema& schema);

}  // namespace metricstore::expression
