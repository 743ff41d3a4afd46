#include "tests/unit/compute/engine_fixture.h"

namespace metricstore::compute::vector {

using columns::Column;
using columns::ColumnType;

columns::ColumnBatch RandomRows(std::mt19937_64* random, size_t rows, int null_percent) {
  const auto below = [random](uint64_t limit) { return static_cast<int64_t>((*random)() % limit); };
  columns::ColumnBatch batch{.rows = rows, .columns = {}};
  Column ts{.name = "ts", .type = ColumnType::kTimestamp};
  Column a{.name = "a", .type = ColumnType::kFloat64};
  Column b{.name = "b", .type = ColumnType::kFloat64};
  Column n{.name = "n", .type = ColumnType::kInt64};
  Column side{.name = "side", .type = ColumnType::kText};
  Column flag{.name = "flag", .type = ColumnType::kBool};
  Column day{.name = "day", .type = ColumnType::kDate};
  side.dictionary = {"B", "S", "it's", "é"};
  int64_t time = 0;
  for (size_t row = 0; row < rows; ++row) {
    time += below(3);
    ts.int64.push_back(time);
    a.float64.push_back(static_cast<double>(below(20'001) - 10'000) / 8);
    b.float64.push_back(static_cast<double>(below(11)) - 5);  // often zero
    n.int64.push_back(below(2001) - 1000);
    side.codes.push_back(static_cast<uint32_t>(below(4)));
    flag.boolean.push_back(static_cast<uint8_t>(below(2)));
    day.date.push_back(static_cast<int32_t>(19'000 + below(100)));
  }
  const auto set_nulls = [&](Column* column, auto* values) {
    for (size_t row = 0; row < rows; ++row) {
      if (below(100) >= null_percent) continue;
      column->validity.SetNull(row, rows);
      (*values)[row] = {};
    }
  };
  set_nulls(&a, &a.float64);
  set_nulls(&b, &b.float64);
  set_nulls(&n, &n.int64);
  set_nulls(&side, &side.codes);
  set_nulls(&flag, &flag.boolean);
  set_nulls(&day, &day.date);
  for (Column* column : {&ts, &a, &b, &n, &side, &flag, &day}) {
    batch.columns.push_back(std::move(*column));
  }
  return batch;
}

}  // namespace metricstore::compute::vector
