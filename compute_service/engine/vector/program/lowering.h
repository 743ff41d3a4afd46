// From typed trees to values: every construct of the language in terms of a few operations.
#pragma once

#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "common/expression/node.h"
#include "compute_service/engine/vector/program/program.h"
#include "compute_service/engine/vector/program/value_table.h"

namespace metricstore::compute::vector {

// The name of the column that stands for a call, "" for none.
using StandIn = absl::FunctionRef<std::string(const expression::Node& call)>;

// Adds what computes `root`, a metric's tree, for each bucket of a list, and gives its value.
// INVALID_ARGUMENT if it names a column that the table's schema has not (EXPRESSION_INVALID), or
// has a function that this executor has not, such as reading other metrics (NOT_SUPPORTED).
absl::StatusOr<ValueId> LowerMetric(const expression::Node& root, uint32_t filter_set,
                                    uint32_t bucket_list, ValueTable* values);

// Adds what computes `root`, a filter's tree, for each unfiltered row. Errors as LowerMetric.
absl::StatusOr<ValueId> LowerFilter(const expression::Node& root, ValueTable* values);

// Adds what computes `root` for each unfiltered row. Errors as LowerMetric.
absl::StatusOr<ValueId> LowerRows(const expression::Node& root, StandIn stand_in,
                                  ValueTable* values);

}  // namespace metricstore::compute::vector
