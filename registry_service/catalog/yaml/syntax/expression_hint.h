// What to do about an expression that YAML does not read as one text.
#pragma once

#include <string>
#include <string_view>

namespace metricstore::registry {

inline constexpr std::string_view kFlowFilters =
    "a comma in [ ] separates filters: write them as lines with - or in quotes";

// Behind the message of a syntax error at a line of `file`, counted from 1: how texts of
// expressions, filters and SELECTs are written, if the error is in one; else "".
std::string ExpressionHint(std::string_view file, int line);

}  // namespace metricstore::registry
