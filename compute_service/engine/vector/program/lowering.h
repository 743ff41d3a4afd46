// From typed trees to values: every construct of the language in terms of a few operations.
#pragma once

#include "absl/status/statusor.h"
#include "common/expression/node.h"
#include "compute_service/engine/vector/program.h"
#include "compute_service/engine/vector/value_table.h"

namespace metricstore::compute::vector {

// Adds what computes `root`, a metric's tree, for each bucket of a list, and gives its value.
// INVALID_ARGUMENT if it names a column that the table's schema has not (EXPRESSION_INVALID), reads
// other metrics, or mixes texts of several columns (NOT_SUPPORTED).
absl::StatusOr<ValueId> LowerMetric(const expression::Node& root, uint32_t filter_set,
                                    uint32_t bucket_list, ValueTable* values);

// Adds what computes `root`, a filter's tree, for each unfiltered row. Errors as LowerMetric.
absl::StatusOr<ValueId> LowerFilter(const expression::Node& root, ValueTable* values);

}  // namespace metricstore::compute::vector
