// The meaning of expressions, spelled out row by row and without any speed: what the vector engine
// is compared with.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/columns/column_batch.h"
#include "common/expression/node.h"
#include "compute_service/engine/vector/evaluator.h"

namespace metricstore::compute::vector {

// Integers and conditions are numbers here: the tests keep them small enough to be exact.
struct Cell {
  bool is_null = true;
  double number = 0;
  std::string text;
};

// One point of a metric, or nothing if no row of the bucket passes the filters.
struct ReferencePoint {
  int64_t bucket_start_micros = 0;
  Cell cell;
};

std::vector<ReferencePoint> EvaluateNaively(const MetricTask& task,
                                            const columns::ColumnBatch& rows,
                                            const std::string& time_column);

}  // namespace metricstore::compute::vector
