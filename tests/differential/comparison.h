// Metrics over slices of rows, by both engines.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/calendar/buckets.h"
#include "common/columns/column_batch.h"
#include "compute_service/engine/vector/evaluator.h"
#include "tests/differential/answers.h"
#include "tests/differential/duckdb_peer.h"

namespace metricstore::differential {

// What became of the metrics of a comparison.
struct Tally {
  size_t equal = 0;
  size_t rounded = 0;                 // not equal, but as near as rounding lets both engines be
  size_t refused = 0;                 // by DuckDB, which fails a whole query on an overflow
  std::vector<std::string> roundeds;  // the first few
  std::vector<std::string> refusals;
};

// A metric with a clause, and what it means: another metric over fewer rows. DuckDB is asked for
// that, so that the clause is not read by the same code on both sides.
struct Rewriting {
  std::string metric;     // "f(x) FILTER (WHERE c)", "f(DISTINCT x)"
  std::string bare;       // "f(x)"
  std::string condition;  // c: rows where it holds; "" for all
  std::string first_of;   // the column x: rows where it has a value for the first time; "" for all
};

// Buckets of which each shows some of the slices.
struct Windows {
  std::vector<std::pair<int64_t, int64_t>> slices;  // [start, end) in microseconds, in order
  size_t reach = 1;  // a bucket for each slice, which shows it and reach - 1 before it
};

// Compares many metrics at once. Reports differences as failures of the present test, with `label`;
// so too a point that we lack though rows pass the filters. Not thread-safe.
class Comparison {
 public:
  // Fails the present test if DuckDB does not open.
  Comparison();

  // Rows [begin, end) of the batch as one bucket.
  void Run(const std::string& label, const columns::ColumnBatch& rows, size_t begin, size_t end,
           const std::vector<std::string>& metrics, const std::vector<std::string>& filters = {});
  void RunRewritten(const std::string& label, const columns::ColumnBatch& rows, size_t begin,
                    size_t end, const std::vector<Rewriting>& rewritings);
  // Every metric over all buckets in one evaluation; DuckDB is asked for a share of the buckets.
  void RunWindows(const std::string& label, const columns::ColumnBatch& rows,
                  const Windows& windows, const std::vector<std::string>& metrics);

  const Tally& tally() const { return tally_; }

 private:
  using Bound = std::shared_ptr<const expression::BoundExpression>;
  struct Case;

  void Load(const columns::ColumnBatch& rows);
  // Of all metrics; nothing if the present test has failed.
  std::vector<compute::vector::MetricPoints> Evaluate(
      const std::string& label, const columns::ColumnBatch& rows, const std::vector<Bound>& metrics,
      const std::vector<Bound>& filters, std::shared_ptr<const calendar::WindowBuckets> buckets);
  void Compare(const Case& one);
  void ExpectNoRows(const Case& one);
  absl::StatusOr<PeerValue> Ask(const Case& one, const char* table);
  std::vector<PeerValue> AskWithNoise(const Case& one);

  std::unique_ptr<DuckDbPeer> peer_;
  Tally tally_;
};

}  // namespace metricstore::differential
