// Evaluates many metrics over the sorted rows of one entity in one pass: contiguous slices, shared
// subexpressions.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/calendar/buckets.h"
#include "common/columns/column_batch.h"
#include "common/expression/expression.h"
#include "common/time/cancellation.h"

namespace metricstore::compute::vector {

// Values equal those of the proto enum metricstore.registry.v1.PointStatus and those stored in the
// database.
enum class PointStatus : int16_t { kOk = 0, kNull = 1, kNotFinite = 2 };

// One metric to evaluate: an expression over the rows that pass all filters, for each bucket.
struct MetricTask {
  std::shared_ptr<const expression::BoundExpression> expression;
  std::vector<std::shared_ptr<const expression::BoundExpression>> filters;
  // In time order; often shared between tasks. They may overlap: each shown row is read and
  // computed once, then aggregated in every bucket that shows it.
  std::shared_ptr<const calendar::WindowBuckets> buckets;
};

// Points of one task in time order. A bucket whose slices hold no row (after the filters) has no
// point.
struct MetricPoints {
  std::vector<int64_t> bucket_start_micros;
  std::vector<double> values;         // 0 where the status is not kOk
  std::vector<PointStatus> statuses;  // same length as values
};

// Compiled tasks. Evaluate is const and may run on several threads at once with different rows;
// each evaluation is single-threaded and gives the same bits for the same rows.
class Evaluator {
 public:
  // `time_column` is a kTimestamp column. INVALID_ARGUMENT if a task's expression cannot be run by
  // this executor: a column that `schema` has not (EXPRESSION_INVALID), another metric, texts of
  // several columns mixed (NOT_SUPPORTED).
  static absl::StatusOr<std::unique_ptr<Evaluator>> Create(std::vector<MetricTask> tasks,
                                                           std::string time_column,
                                                           const expression::Schema& schema);
  ~Evaluator();

  // Columns that Evaluate needs beside the time column, sorted.
  const std::vector<std::string>& columns() const;

  // `rows` hold one entity sorted by time (ties in canonical order) with at least columns() and the
  // time column. Points come in the order of the tasks. INVALID_ARGUMENT (BATCH_INVALID) for a
  // missing or wrongly typed column or unsorted time; CANCELLED / DEADLINE_EXCEEDED by `bounds`,
  // checked often.
  absl::StatusOr<std::vector<MetricPoints>> Evaluate(const columns::ColumnBatch& rows,
                                                     const CallBounds& bounds) const;

 private:
  struct Program;
  explicit Evaluator(std::unique_ptr<Program> program);
  std::unique_ptr<Program> program_;
};

}  // namespace metricstore::compute::vector
