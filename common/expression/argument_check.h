// What the arguments of a call must be: as many as it takes, literals within their bounds, and
// values of types that agree.
#pragma once

#include <vector>

#include "absl/status/status.h"
#include "common/expression/catalog/function_catalog.h"
#include "common/expression/types.h"

namespace metricstore::expression {

// INVALID_ARGUMENT (EXPRESSION_INVALID) at `offset`, where the call stands, for a wrong number.
absl::Status CheckArgumentCount(const CallSite& site, const FunctionSpec& spec, size_t offset,
                                size_t count);

// Gives `arguments`, as many as `spec` takes, the types that it wants, and checks its literals: a
// real number where one is wanted becomes float64, units are in lower case and singular.
// INVALID_ARGUMENT (EXPRESSION_INVALID) at the first argument that does not fit.
absl::Status CheckArguments(const CallSite& site, const FunctionSpec& spec,
                            std::vector<MutableNode>* arguments);

}  // namespace metricstore::expression
