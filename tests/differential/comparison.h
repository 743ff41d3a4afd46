// One metric over one slice of rows, by both engines.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "common/columns/column_batch.h"
#include "tests/differential/duckdb_peer.h"

namespace metricstore::differential {

// What became of the metrics of a comparison.
struct Tally {
  size_t equal = 0;
  size_t refused = 0;                 // by DuckDB, which fails a whole query on an overflow
  std::vector<std::string> refusals;  // the first few
};

// Compares many metrics over slices of rows. Not thread-safe.
class Comparison {
 public:
  // Fails the present test if DuckDB does not open.
  Comparison();

  // Evaluates all metrics together, over rows [begin, end) of the batch as one bucket, and asks
  // DuckDB for each. Numbers are equal to 1e-12 relative, or differ by no more than DuckDB's own
  // answers do when the same rows are stored in another order. Reports differences as failures of
  // the present test, with `label`.
  void Run(const std::string& label, const columns::ColumnBatch& rows, size_t begin, size_t end,
           const std::vector<std::string>& metrics, const std::vector<std::string>& filters = {});

  const Tally& tally() const { return tally_; }

 private:
  std::unique_ptr<DuckDbPeer> peer_;
  Tally tally_;
};

}  // namespace metricstore::differential
