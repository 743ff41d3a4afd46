// Points made of other points: series lined up by bucket, and an expression over them.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/columns/column_batch.h"
#include "common/expression/expression.h"
#include "common/expression/node.h"
#include "common/time/cancellation.h"
#include "compute_service/engine/series/bucket_shift.h"
#include "compute_service/engine/vector/evaluator.h"
#include "compute_service/engine/vector/row_evaluator.h"

namespace metricstore::compute {

// A series that an expression reads.
struct DerivedInput {
  std::string column;  // the name under which the expression reads it
  columns::ColumnType type = columns::ColumnType::kFloat64;
  size_t series = 0;                 // index among those that Evaluate is given
  std::optional<BucketShift> shift;  // nullopt: at the same bucket
};

// Buckets in which points are made: in order, disjoint, by their starts in microseconds.
struct StartRange {
  int64_t first = 0;
  int64_t end = 0;
};

struct DerivedTask {
  std::shared_ptr<const expression::BoundExpression> expression;
  // Calls of the expression that are read instead of computed, and the column of each.
  std::map<const expression::Node*, std::string> stand_ins;
  std::vector<DerivedInput> inputs;
  std::vector<StartRange> ranges;
  // All buckets, ascending; only where every input is shifted, which then say where points are.
  std::shared_ptr<const std::vector<int64_t>> starts_micros;
};

// The points of `ranges`.
vector::MetricPoints PointsWithin(const vector::MetricPoints& points,
                                  std::span<const StartRange> ranges);

// A bucket has a point if any input without a shift has one there; if all inputs are shifted, if
// any of them reaches one. An input without a point, or with a NULL one, is NULL; one that is not
// finite is NaN, so the result is not finite where it depends on it. Immutable and thread-safe; the
// same points give the same bits.
class DerivedSeries {
 public:
  // Errors as vector::RowEvaluator.
  static absl::StatusOr<std::unique_ptr<const DerivedSeries>> Create(DerivedTask task);

  // `series` are those that inputs name. Errors as vector::RowEvaluator.
  absl::StatusOr<vector::MetricPoints> Evaluate(std::span<const vector::MetricPoints> series,
                                                const CallBounds& bounds) const;

 private:
  DerivedSeries(DerivedTask task, std::unique_ptr<const vector::RowEvaluator> evaluator)
      : task_(std::move(task)), evaluator_(std::move(evaluator)) {}

  std::vector<int64_t> StartsOf(std::span<const vector::MetricPoints> series) const;

  const DerivedTask task_;
  const std::unique_ptr<const vector::RowEvaluator> evaluator_;
};

}  // namespace metricstore::compute
