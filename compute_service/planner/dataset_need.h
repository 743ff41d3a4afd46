// Binds expressions of metrics that have no dataset of their own.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/expression/expression.h"

namespace metricstore::compute {

// The expression over the points of other metrics alone. INVALID_ARGUMENT: FIELD_REQUIRED
// (violation of field dataset, metadata field) if it reads rows or nothing at all; else
// EXPRESSION_INVALID as BoundExpression::ParseMetric.
absl::StatusOr<std::shared_ptr<const expression::BoundExpression>> BindWithoutDataset(
    const std::string& text);

}  // namespace metricstore::compute
