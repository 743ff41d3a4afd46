// The functions and operators of expressions, as data.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/expression/catalog/function_spec.h"

namespace metricstore::expression {

// Functions that an expression may call by name.
std::span<const FunctionSpec> Functions();
// Operators and constructs; names are those of the grammar: "+", "AND", "IS NULL", "CASE".
std::span<const FunctionSpec> Operators();

// By name or by another name for it ("ceiling"). nullptr if there is none.
const FunctionSpec* FindFunction(std::string_view name);
const FunctionSpec* FindOperator(std::string_view name);
// By the name before WITHIN GROUP.
const FunctionSpec* FindWithinGroup(std::string_view name);
// The first of that function: every function has one.
const FunctionSpec& SpecOf(Function function);

// The name that canonical texts and messages use.
std::string_view CanonicalName(Function function);

// Names that do not say whether a sample or the whole is meant ("stddev"), with those that do;
// empty for any other name.
std::vector<std::string> ClearerNames(std::string_view name);

// For "did you mean": the form of what other systems call `name`, else the function whose name is
// nearest; "" if none is near.
std::string NearestFunction(std::string_view name);

}  // namespace metricstore::expression
