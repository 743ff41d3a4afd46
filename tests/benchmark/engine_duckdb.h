// DuckDB as the peer of the engine's benchmark: one thread, the bars in a table.
#pragma once

#include <string>
#include <vector>

#include "common/columns/column_batch.h"
#include "duckdb.h"
#include "tests/benchmark/engine_results.h"

namespace metricstore::benchmark {

// An in-memory database. Any failure ends the program with DuckDB's message. Not thread-safe.
class DuckDbBars {
 public:
  // Tables bars(symbol, day, month, minute, open, high, low, close, volume, trades), in order of
  // symbol, day and minute, and days(day, month). `months` has that of each day.
  DuckDbBars(const std::vector<columns::ColumnBatch>& symbols, const std::vector<int>& months);
  ~DuckDbBars();
  DuckDbBars(const DuckDbBars&) = delete;
  DuckDbBars& operator=(const DuckDbBars&) = delete;

  // Runs the statements, which give symbol, day and metrics, and fetches all rows. `results` may be
  // nullptr. Returns processor seconds.
  double Run(const std::vector<std::string>& statements, Results* results);

 private:
  void Execute(const std::string& sql);
  void Append(int32_t symbol, const columns::ColumnBatch& bars, const std::vector<int>& months,
              duckdb_appender appender);
  static void Take(duckdb_result* result, duckdb_data_chunk chunk, Results* results);

  duckdb_database database_ = nullptr;
  duckdb_connection connection_ = nullptr;
};

}  // namespace metricstore::benchmark
