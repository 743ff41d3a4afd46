// One evaluation of a program over rows.
#pragma once

#include <cstdint>
#include <span>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "common/time/cancellation.h"
#include "compute_service/engine/vector/execution_input.h"
#include "compute_service/engine/vector/program.h"
#include "compute_service/engine/vector/vector_store.h"

namespace metricstore::compute::vector {

// What a group gave: its roots have one element in the store for each bucket that has rows.
struct GroupValues {
  const BucketGroup& group;
  const BucketList& list;
  std::span<const uint32_t> buckets;  // those that have rows, as indexes into the list
  const VectorStore& store;
};

// Takes the values of a group, which are gone afterwards. An error ends the execution.
using GroupSink = absl::FunctionRef<absl::Status(const GroupValues&)>;

// Hands the values of every group to `sink`. CANCELLED / DEADLINE_EXCEEDED by `bounds`, or the
// sink's error.
absl::Status Execute(const Program& program, const ExecutionInput& input, const CallBounds& bounds,
                     GroupSink sink);

}  // namespace metricstore::compute::vector
