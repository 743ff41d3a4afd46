// One evaluation of a program over rows.
#pragma once

#include <cstdint>
#include <span>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "common/time/cancellation.h"
#include "compute_service/engine/vector/execution/execution_input.h"
#include "compute_service/engine/vector/execution/vector_store.h"
#include "compute_service/engine/vector/kernels/texts/text_pool.h"
#include "compute_service/engine/vector/program/program.h"

namespace metricstore::compute::vector {

// What a group gave: its roots have one element in the store for each bucket that has rows.
struct GroupValues {
  const BucketGroup& group;
  const BucketList& list;
  std::span<const uint32_t> buckets;  // those that have rows, as indexes into the list
  const VectorStore& store;
  const TextPool& texts;  // those that codes name, but for codes of columns
};

// Takes the values of a group, which are gone afterwards. An error ends the execution.
using GroupSink = absl::FunctionRef<absl::Status(const GroupValues&)>;

// Hands the values of every group to `sink`. CANCELLED / DEADLINE_EXCEEDED by `bounds`;
// RESOURCE_EXHAUSTED (TOO_LARGE) for texts beyond the budget of an evaluation; the sink's error.
absl::Status Execute(const Program& program, const ExecutionInput& input, const CallBounds& bounds,
                     GroupSink sink);

// Takes the program's row_root, one element for each row.
using RowSink = absl::FunctionRef<void(const Operand& root, const TextPool& texts)>;

// Hands the value of every row to `sink`. Errors as Execute.
absl::Status ExecuteRows(const Program& program, const ExecutionInput& input,
                         const CallBounds& bounds, RowSink sink);

}  // namespace metricstore::compute::vector
