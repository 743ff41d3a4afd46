// Makes the arguments of a call agree on one type.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "common/expression/catalog/function_catalog.h"
#include "common/expression/node.h"

namespace metricstore::expression {

// A bound node that may still be given a type or wrapped.
using MutableNode = std::unique_ptr<Node>;

// What error messages need: the whole text, and what the call looks like in it.
struct CallSite {
  std::string_view text;
  std::string_view name;
  bool within_group = false;  // the first argument is not in the brackets
};

// Checks that every one of `nodes` may be an argument of `wanted`, which is no literal, and gives
// all of them the same type: literals are converted, int64 values are wrapped into kToFloat64.
// INVALID_ARGUMENT (EXPRESSION_INVALID) at the first argument that does not fit.
absl::Status Unify(const CallSite& site, ArgumentType wanted,
                   const std::vector<MutableNode*>& nodes);

// "takes WANTED, found text": the refusal of one argument.
absl::Status Misfit(const CallSite& site, const Node& node, const std::string& wanted,
                    const std::string& suggestion = "");

}  // namespace metricstore::expression
