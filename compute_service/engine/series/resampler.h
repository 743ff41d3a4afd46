// From rows to bars: the first stage of metrics with a timeframe.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/calendar/buckets.h"
#include "common/columns/column_batch.h"
#include "common/expression/expression.h"
#include "common/time/cancellation.h"
#include "common/time/iso8601.h"
#include "compute_service/engine/vector/execution/execution_input.h"
#include "compute_service/engine/vector/program/fold.h"
#include "compute_service/engine/vector/program/program.h"

namespace metricstore::compute {

// Which bars are made of which rows.
struct Resampling {
  const calendar::Calendar* calendar = nullptr;  // must outlive what is made with it
  calendar::Window base;                         // its reach is not read
  absl::Duration timeframe;
  calendar::BarAlignment alignment = calendar::BarAlignment::kClock;
  // Whether bars end with the hour too: the buckets of grain hour must not show rows of the next.
  bool by_hour = false;
  // What the base shows of all dates that are needed: in order, disjoint.
  std::vector<TimeRange> slices;
  std::vector<std::shared_ptr<const expression::BoundExpression>> filters;
  std::vector<vector::ColumnFold> columns;  // but the time column, which becomes the bar's start
};

// A bar without rows that pass the filters does not exist. Immutable and thread-safe; one call is
// single-threaded and gives the same bits for the same rows.
class Resampler {
 public:
  // INVALID_ARGUMENT: EXPRESSION_INVALID for a column that `schema` has not, NOT_SUPPORTED for one
  // that cannot be folded so.
  static absl::StatusOr<std::unique_ptr<const Resampler>> Create(
      std::shared_ptr<const Resampling> resampling, std::string time_column,
      const expression::Schema& schema);

  // Of the rows that it makes.
  const expression::Schema& schema() const { return schema_; }

  // One row a bar, by time; `rows` are those of one entity as vector::Evaluator takes them. Bars
  // are cut for the dates that have rows only, some at a time, so memory follows the rows.
  // INVALID_ARGUMENT (BATCH_INVALID) as vector::Evaluator, and for integers of a bar whose sum does
  // not fit into one; CANCELLED / DEADLINE_EXCEEDED by `bounds`.
  absl::StatusOr<columns::ColumnBatch> Resample(const columns::ColumnBatch& rows,
                                                const CallBounds& bounds) const;

 private:
  class BarRows;
  class Run;

  Resampler(std::shared_ptr<const Resampling> resampling, std::string time_column,
            vector::Program program, expression::Schema schema)
      : resampling_(std::move(resampling)),
        time_column_(std::move(time_column)),
        program_(std::move(program)),
        schema_(std::move(schema)) {}

  const std::shared_ptr<const Resampling> resampling_;
  const std::string time_column_;
  const vector::Program program_;
  const expression::Schema schema_;
};

}  // namespace metricstore::compute
