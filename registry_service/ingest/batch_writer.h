// Stores batches of raw rows: each takes effect once, however often it is sent.
#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "common/pg/pool.h"
#include "common/time/cancellation.h"
#include "registry_service/datasets/dataset.h"
#include "registry_service/datasets/partitions.h"
#include "registry_service/ingest/row_batch.h"

namespace metricstore::registry {

// Thread-safe; keeps nothing. What it is made of must outlive it. Batches with rows of the same
// entity are stored one after the other.
class BatchWriter {
 public:
  BatchWriter(pg::Pool& pool, Partitions& partitions) : pool_(pool), partitions_(partitions) {}

  // Stores the rows that can be stored, with the batch's id, in one transaction. INVALID_ARGUMENT
  // (BATCH_INVALID; FIELD_REQUIRED or FIELD_INVALID for the id), ALREADY_EXISTS (BATCH_ID_REUSED),
  // or the errors of Partitions::Ensure and pg::Pool::Run.
  absl::StatusOr<BatchResult> Store(int32_t project_id, const Dataset& dataset,
                                    const IncomingBatch& batch, const CallBounds& bounds);

 private:
  pg::Pool& pool_;
  Partitions& partitions_;
};

}  // namespace metricstore::registry
