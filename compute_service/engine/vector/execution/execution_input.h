// The rows of an evaluation, found in a batch and checked.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/columns/column_batch.h"
#include "compute_service/engine/vector/kernels/loops/operand.h"
#include "compute_service/engine/vector/layout/row_layout.h"
#include "compute_service/engine/vector/program/program.h"

namespace metricstore::compute::vector {

// Refers to the batch. `columns` are those of the program, in its order.
struct ExecutionInput {
  RowRange range;                  // of the batch's rows, those to evaluate
  std::span<const int64_t> times;  // of the range, ascending
  std::vector<const columns::Column*> columns;
  std::span<const BucketList> bucket_lists;
  RowLayoutMemory* layouts = nullptr;            // nullptr: layouts are not remembered
  std::shared_ptr<const RowLayout> layout = {};  // of all rows, if it was remembered
};

// All rows of the batch; bucket_lists are those of the program, whose layouts `layouts` remembers
// if it is not nullptr. INVALID_ARGUMENT (BATCH_INVALID) for a missing or wrongly typed column, for
// unsorted or missing times, or too many rows.
absl::StatusOr<ExecutionInput> InputOf(const Program& program, const columns::ColumnBatch& rows,
                                       const std::string& time_column, RowLayoutMemory* layouts);

// All rows of the batch in any order, for a program without buckets. Errors as InputOf.
absl::StatusOr<ExecutionInput> UnorderedInputOf(const Program& program,
                                                const columns::ColumnBatch& rows);

// BATCH_INVALID, metadata column.
absl::Status BatchInvalid(const std::string& column, const std::string& problem);

}  // namespace metricstore::compute::vector
