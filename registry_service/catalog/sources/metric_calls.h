// Which metrics an expression reads, in its order. Pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/expression/syntax.h"

namespace metricstore::registry {

// metric('category/name', offset => '1 month').
struct MetricCall {
  std::string id;
  std::string offset;  // canonical: "1 month"; "" for none
  friend auto operator<=>(const MetricCall&, const MetricCall&) = default;
};

// From left to right, each as often as it is written. None for an expression that does not parse.
std::vector<MetricCall> MetricCallsIn(std::string_view expression);

// The id where the expression first reads that metric; nullptr if it does not.
const expression::SyntaxNode* FindCall(const expression::SyntaxNode& syntax, std::string_view id);

}  // namespace metricstore::registry
