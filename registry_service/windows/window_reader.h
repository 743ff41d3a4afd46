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

// What is known of a window beside its rows.
struct WindowReading {
  absl::Duration read;  // spent in PostgreSQL, on the way from there, and decoding
  absl::Duration send;  // spent in the sink
  // How many transactions were over in the snapshot: it grows with every commit that a snapshot
  // sees. Set before the first batch.
  int64_t watermark = 0;
};

// Takes the batches one after the other; an error ends the reading.
using WindowSink = absl::FunctionRef<absl::Status(columns::ColumnBatch)>;

// Thread-safe; keeps nothing. The pool must outlive it: one of its connections, with a snapshot, is
// held for as long as the sink takes.
class WindowReader {
 public:
  explicit WindowReader(pg::Pool& pool) : pool_(pool) {}

  // Rows by entity (bytewise), time, the rest of the grain. INVALID_ARGUMENT (FIELD_INVALID,
  // INTERVAL_REVERSED), the sink's errors, or those of pg::Pool::Run. Adds its times to `reading`
  // in any case.
  absl::Status Read(int32_t project_id, const Dataset& dataset, const WindowQuery& query,
                    const CallBounds& bounds, WindowSink sink, WindowReading& reading);

 private:
  pg::Pool& pool_;
};

}  // namespace metricstore::registry
