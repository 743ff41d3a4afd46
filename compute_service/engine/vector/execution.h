// One evaluation of a program over rows.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "common/columns/column_batch.h"
#include "common/time/cancellation.h"
#include "compute_service/engine/vector/evaluator.h"
#include "compute_service/engine/vector/program.h"

namespace metricstore::compute::vector {

// The rows of an evaluation, checked: `columns` are those of the program, in its order.
struct ExecutionInput {
  size_t rows = 0;
  std::span<const int64_t> times;  // ascending
  std::vector<const columns::Column*> columns;
};

// Points of each task. CANCELLED / DEADLINE_EXCEEDED by `bounds`.
absl::StatusOr<std::vector<MetricPoints>> Execute(const Program& program,
                                                  const ExecutionInput& input,
                                                  const CallBounds& bounds);

}  // namespace metricstore::compute::vector
