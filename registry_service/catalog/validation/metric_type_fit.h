// Whether a metric's declared type says what its expression computes.
#pragma once

#include <optional>
#include <string>

#include "common/expression/syntax.h"
#include "registry_service/catalog/definition/metric_definition.h"

namespace metricstore::registry {

// The type that says more of the expression than `derived` does: the aggregate that is its
// outermost call, or ratio for a division; nullopt if there is none.
std::optional<MetricType> TellingType(const expression::SyntaxNode& syntax);

// What contradicts the type and which type would fit; nullopt if it fits. `sum`, `count`, `avg`,
// `min` and `max` are a call of that aggregate, `ratio` is a division or coalesce or nullif of one;
// the other types say nothing of the expression.
std::optional<std::string> TypeMisfit(MetricType type, const expression::SyntaxNode& syntax);

}  // namespace metricstore::registry
