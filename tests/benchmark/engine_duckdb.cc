#include "tests/benchmark/engine_duckdb.h"

#include <algorithm>
#include <cstdlib>
#include <iostream>

#include "absl/strings/str_cat.h"
#include "tests/benchmark/engine_bars.h"
#include "tests/benchmark/processor_time.h"

namespace metricstore::benchmark {
namespace {

[[noreturn]] void Fail(const std::string& problem) {
  std::cerr << "DuckDB: " << problem << "\n";
  std::exit(1);
}

template <typename T>
T* DataOf(duckdb_data_chunk chunk, idx_t column) {
  return static_cast<T*>(duckdb_vector_get_data(duckdb_data_chunk_get_vector(chunk, column)));
}

}  // namespace

DuckDbBars::DuckDbBars(const std::vector<columns::ColumnBatch>& symbols,
                       const std::vector<int>& months) {
  if (duckdb_open(nullptr, &database_) != DuckDBSuccess) Fail("cannot be opened");
  if (duckdb_connect(database_, &connection_) != DuckDBSuccess) Fail("cannot be connected to");
  Execute("SET threads=1");
  Execute("CREATE TABLE days(day INTEGER, month INTEGER)");
  for (size_t day = 0; day < months.size(); ++day) {
    Execute(absl::StrCat("INSERT INTO days VALUES (", day, ", ", months[day], ")"));
  }
  Execute(
      "CREATE TABLE bars(symbol INTEGER, day INTEGER, month INTEGER, minute INTEGER, open DOUBLE, "
      "high DOUBLE, low DOUBLE, close DOUBLE, volume BIGINT, trades BIGINT)");
  duckdb_appender appender = nullptr;
  if (duckdb_appender_create(connection_, nullptr, "bars", &appender) != DuckDBSuccess) {
    Fail("no appender");
  }
  for (size_t symbol = 0; symbol < symbols.size(); ++symbol) {
    Append(static_cast<int32_t>(symbol), symbols[symbol], months, appender);
  }
  if (duckdb_appender_destroy(&appender) != DuckDBSuccess) Fail("rows were not appended");
  Execute("ANALYZE");
}

DuckDbBars::~DuckDbBars() {
  duckdb_disconnect(&connection_);
  duckdb_close(&database_);
}

void DuckDbBars::Execute(const std::string& sql) {
  duckdb_result result;
  if (duckdb_query(connection_, sql.c_str(), &result) != DuckDBSuccess) {
    Fail(duckdb_result_error(&result));
  }
  duckdb_destroy_result(&result);
}

void DuckDbBars::Append(int32_t symbol, const columns::ColumnBatch& bars,
                        const std::vector<int>& months, duckdb_appender appender) {
  std::vector<duckdb_logical_type> types(4, duckdb_create_logical_type(DUCKDB_TYPE_INTEGER));
  types.resize(8, duckdb_create_logical_type(DUCKDB_TYPE_DOUBLE));
  types.resize(10, duckdb_create_logical_type(DUCKDB_TYPE_BIGINT));
  duckdb_data_chunk chunk = duckdb_create_data_chunk(types.data(), types.size());
  for (size_t start = 0; start < bars.rows; start += duckdb_vector_size()) {
    const size_t rows = std::min<size_t>(duckdb_vector_size(), bars.rows - start);
    for (size_t i = 0; i < rows; ++i) {
      const auto day = static_cast<int32_t>((start + i) / kMinutes);
      DataOf<int32_t>(chunk, 0)[i] = symbol;
      DataOf<int32_t>(chunk, 1)[i] = day;
      DataOf<int32_t>(chunk, 2)[i] = months[static_cast<size_t>(day)];
      DataOf<int32_t>(chunk, 3)[i] = static_cast<int32_t>((start + i) % kMinutes);
    }
    for (size_t c = 1; c <= 4; ++c) {
      std::copy_n(bars.columns[c].float64.data() + start, rows, DataOf<double>(chunk, 3 + c));
    }
    for (size_t c = 5; c <= 6; ++c) {
      std::copy_n(bars.columns[c].int64.data() + start, rows, DataOf<int64_t>(chunk, 3 + c));
    }
    duckdb_data_chunk_set_size(chunk, rows);
    if (duckdb_append_data_chunk(appender, chunk) != DuckDBSuccess) Fail("a chunk was refused");
    duckdb_data_chunk_reset(chunk);
  }
  duckdb_destroy_data_chunk(&chunk);
  duckdb_destroy_logical_type(&types[0]);
  duckdb_destroy_logical_type(&types[4]);
  duckdb_destroy_logical_type(&types[8]);
}

double DuckDbBars::Run(const std::vector<std::string>& statements, Results* results) {
  const double start = ProcessorSeconds();
  for (const std::string& statement : statements) {
    duckdb_result result;
    if (duckdb_query(connection_, statement.c_str(), &result) != DuckDBSuccess) {
      Fail(absl::StrCat(duckdb_result_error(&result), "\n", statement.substr(0, 500)));
    }
    while (duckdb_data_chunk chunk = duckdb_fetch_chunk(result)) {
      if (results != nullptr) Take(&result, chunk, results);
      duckdb_destroy_data_chunk(&chunk);
    }
    duckdb_destroy_result(&result);
  }
  return ProcessorSeconds() - start;
}

void DuckDbBars::Take(duckdb_result* result, duckdb_data_chunk chunk, Results* results) {
  const auto* const symbols = DataOf<int32_t>(chunk, 0);
  const auto* const days = DataOf<int32_t>(chunk, 1);
  for (idx_t column = 2; column < duckdb_column_count(result); ++column) {
    if (duckdb_column_type(result, column) != DUCKDB_TYPE_DOUBLE) Fail("a metric is no DOUBLE");
    const size_t metric = MetricOfColumn(duckdb_column_name(result, column));
    const auto* const values = DataOf<double>(chunk, column);
    uint64_t* const valid = duckdb_vector_get_validity(duckdb_data_chunk_get_vector(chunk, column));
    for (idx_t row = 0; row < duckdb_data_chunk_get_size(chunk); ++row) {
      if (valid != nullptr && !duckdb_validity_row_is_valid(valid, row)) continue;
      results->At(metric, static_cast<size_t>(symbols[row]), static_cast<size_t>(days[row])) =
          values[row];
    }
  }
}

}  // namespace metricstore::benchmark
