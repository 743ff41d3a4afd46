// From folds of columns to values.
#pragma once

#include "absl/status/statusor.h"
#include "compute_service/engine/vector/program/fold.h"
#include "compute_service/engine/vector/program/program.h"
#include "compute_service/engine/vector/program/value_table.h"

namespace metricstore::compute::vector {

// Adds what folds a column of the table's schema in each bucket of a list, and gives its value: of
// the column's type as it is stored, but for the extremes of dates, which are kInt64.
// INVALID_ARGUMENT: an unknown column (EXPRESSION_INVALID), one that cannot be folded so
// (NOT_SUPPORTED).
absl::StatusOr<ValueId> LowerColumnFold(const ColumnFold& fold, uint32_t filter_set,
                                        uint32_t bucket_list, ValueTable* values);

}  // namespace metricstore::compute::vector
