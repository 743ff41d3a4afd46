// What an ingest did, as text for people and as JSON.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "cli/csv/csv_file.h"
#include "metricstore/registry/v1/ingest_service.pb.h"

namespace metricstore::cli {

// Counts of one run. Of batches that were stored before, rows count as stored already or rejected.
struct IngestReport {
  std::string dataset;
  int64_t rows_read = 0;
  int64_t inserted = 0;
  int64_t updated = 0;
  int64_t unchanged = 0;
  int64_t rejected = 0;  // by the check of the file, and by the registry
  int64_t batches = 0;
  int64_t batches_already_stored = 0;
  int64_t rows_already_stored = 0;
  absl::Duration elapsed;
  std::vector<Reject> registry_rejects;  // the first kListedRejects

  void Add(const PreparedBatch& batch, const registry::v1::BatchResult& result);
  int64_t rows_settled() const { return inserted + updated + unchanged + rows_already_stored; }
  double rows_per_second() const;
  // "fact_bars: 18,200 rows read: 18,200 inserted, ... in 0.8 s (22.8 k rows/s)".
  std::string Text() const;
  std::string Json() const;
};

}  // namespace metricstore::cli
