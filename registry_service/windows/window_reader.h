// Reads raw rows of an interval in canonical order, from one snapshot, as column batches.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/columns/column_batch.h"
#include "common/pg/pool.h"
#include "common/time/cancellation.h"
#include "common/time/iso8601.h"
#include "registry_service/datasets/dataset.h"

namespace metricstore::registry {

struct WindowQuery {
  std::vector<std::string> entities;  // empty: all; one empty string: a dataset without entities
  TimeRange range;
  std::vector<std::string> columns;  // beside entity and time, which always come first
};

// Where the time of a window went.
struct WindowTimes {
  absl::Duration read;  // in PostgreSQL, on the way from there, and decoding
  absl::Duration send;  // in the sink
};

// Takes the batches one after the other; an error ends the reading.
using WindowSink = absl::FunctionRef<absl::Status(columns::ColumnBatch)>;

// Thread-safe; keeps nothing. The pool must outlive it: one of its connections, with a snapshot, is
// held for as long as the sink takes.
class WindowReader {
 public:
  explicit WindowReader(pg::Pool& pool) : pool_(pool) {}

  // Rows by entity (bytewise), time, the rest of the grain. INVALID_ARGUMENT (FIELD_INVALID,
  // INTERVAL_REVERSED), the sink's errors, or those of pg::Pool::Run. Adds to `times` in any case.
  absl::Status Read(int32_t project_id, const Dataset& dataset, const WindowQuery& query,
                    const CallBounds& bounds, WindowSink sink, WindowTimes& times);

 private:
  pg::Pool& pool_;
};

}  // namespace metricstore::registry
