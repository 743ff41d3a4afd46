// Evaluates many metrics over the sorted rows of one entity in one pass: contiguous slices, shared
// subexpressions.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/columns/column_batch.h"
#include "common/expression/expression.h"
#include "common/time/cancellation.h"
#include "compute_service/engine/vector/program/metric_task.h"

namespace metricstore::compute::vector {

// Values equal those of the proto enum metricstore.registry.v1.PointStatus and those stored in the
// database.
enum class PointStatus : int16_t {
  kOk = 0,
  kNull = 1,
  kNotFinite = 2,  // a number, but NaN or infinite
  kTooLarge = 3    // a text or vector of more than kMaxTextBytes
};

// Of one point.
inline constexpr size_t kMaxTextBytes = 64 * 1024;

// Points of one task in time order. A bucket whose slices hold no row (after the filters) has no
// point.
struct MetricPoints {
  std::vector<int64_t> bucket_start_micros;
  // 0 where the status is not kOk, and for texts and vectors; 0 and 1 of conditions. Of an integer
  // beyond 2^53 it is the nearest double.
  std::vector<double> values;
  std::vector<PointStatus> statuses;  // same length as values
  // Empty, or of the same length: texts, vectors as JSON ("[1, 2.5]" without spaces), and the
  // digits of integers that the double does not hold; "" elsewhere. A NaN or an infinity in a
  // vector makes its point kNotFinite.
  std::vector<std::string> texts;
};

// Compiled tasks. Evaluate is const and may run on several threads at once with different rows;
// each evaluation is single-threaded and gives the same bits for the same rows.
class Evaluator {
 public:
  // `time_column` is a kTimestamp column. INVALID_ARGUMENT if a task's expression cannot be run by
  // this executor: a column that `schema` has not (EXPRESSION_INVALID), another metric or a
  // function that it has not (NOT_SUPPORTED).
  static absl::StatusOr<std::unique_ptr<Evaluator>> Create(std::vector<MetricTask> tasks,
                                                           std::string time_column,
                                                           const expression::Schema& schema);
  ~Evaluator();

  // Columns that Evaluate needs beside the time column, sorted.
  const std::vector<std::string>& columns() const;

  // `rows` hold one entity sorted by time (ties in canonical order) with at least columns() and the
  // time column. Points come in the order of the tasks. INVALID_ARGUMENT (BATCH_INVALID) for a
  // missing or wrongly typed column or unsorted time; RESOURCE_EXHAUSTED (TOO_LARGE) for computed
  // texts beyond the budget of an evaluation; CANCELLED / DEADLINE_EXCEEDED by `bounds`, checked
  // often.
  absl::StatusOr<std::vector<MetricPoints>> Evaluate(const columns::ColumnBatch& rows,
                                                     const CallBounds& bounds) const;

 private:
  struct Program;
  explicit Evaluator(std::unique_ptr<Program> program);
  std::unique_ptr<Program> program_;
};

}  // namespace metricstore::compute::vector
