// What functions are made of, as typed trees: FunctionSpec::made_of, parsed and bound.
#pragma once

#include <cstddef>

#include "absl/status/statusor.h"
#include "common/expression/node.h"

namespace metricstore::expression {

// The body of a call: the tree that its function is made of, bound to the types of the call's
// arguments. Its columns stand for these arguments. Made once for each function and types, and kept
// for ever. INTERNAL if the catalogue's text is no expression of the call's type. Thread-safe.
absl::StatusOr<const Node*> BodyOf(const Node& call);

// Which argument of the call a column of its body stands for.
size_t ArgumentIn(const Node& column);

}  // namespace metricstore::expression
