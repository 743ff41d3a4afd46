#include "tests/unit/compute/engine_fixture.h"

#include <cstdlib>

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

const std::vector<std::string>& ExpressionsOfEveryFunction() {
  static const std::vector<std::string> metrics = {
      "count(*)",
      "count(a)",
      "count(side)",
      "count(day)",
      "count(1)",
      "sum(a)",
      "sum(n)",
      "sum(2.5)",
      "avg(a)",
      "avg(n)",
      "min(a)",
      "min(n)",
      "max(a)",
      "max(n)",
      "first(a)",
      "first(n)",
      "last(a)",
      "last(n)",
      "stddev_samp(a)",
      "stddev_samp(n)",
      "stddev_pop(a)",
      "var_samp(a)",
      "var_pop(n)",
      "last(a) - first(a)",
      "sum(a * n) / sum(n)",
      "sum(a + b) - sum(a - b)",
      "sum(n + 1) * 2",
      "sum(n - n * 3)",
      "sum(a / b)",
      "sum(a % b)",
      "sum(n % 7)",
      "sum(-a) + sum(-n)",
      "sum(abs(a)) + sum(abs(n))",
      "sum(sign(a)) + sum(sign(n))",
      "sum(floor(a) + ceil(a) + round(a))",
      "sum(round(n))",
      "sum(exp(b))",
      "sum(ln(b))",
      "sum(log10(a))",
      "sum(sqrt(a))",
      "sum(power(a, 2))",
      "sum(power(b, b))",
      "sum(a ^ 0.5)",
      "sqrt(sum(a))",
      "ln(count(*)) + power(count(a), 2)",
      "sum(lag(a))",
      "sum(lag(n, 3))",
      "count(lag(a, 50))",
      "sum(delta(a))",
      "sum(delta(n))",
      "stddev_samp(log_return(abs(a) + 1))",
      "sum(log_return(a))",
      "sum(delta(delta(a)))",
      "sum(lag(delta(a), 2) * b)",
      "sum(lag(a) + lag(b, 2) * lag(a + b))",
      "sum(lag(1))",
      "count(*) FILTER (WHERE a > b)",
      "sum(a) FILTER (WHERE side = 'B')",
      "sum(delta(a)) FILTER (WHERE flag)",
      "sum(CASE WHEN delta(a) > 0 AND side <> 'S' THEN n WHEN flag THEN 1 END)",
      "sum(CASE side WHEN 'B' THEN a WHEN NULL THEN 7 WHEN 'é' THEN b ELSE 0 END)",
      "sum(CASE n % 3 WHEN 0 THEN a WHEN 1 THEN b END)",
      "count(CASE WHEN a IS NULL OR NOT flag THEN 1 END)",
      "count(nullif(a > b AND flag, false))",
      "sum(CASE WHEN a > 0 OR flag THEN 1 ELSE 0 END)",
      "sum(CASE WHEN a > 0 AND b > 0 THEN 1 ELSE 0 END)",
      "sum(CASE WHEN NOT (a > 0 AND flag) THEN 1 ELSE 0 END)",
      "count(CASE WHEN side IN ('B', 'it''s', NULL) THEN 1 END)",
      "count(CASE WHEN NOT side IN ('B', NULL) THEN 1 END)",
      "count(CASE WHEN n IN (1, 2, 3, n * 2) THEN 1 END)",
      "count(CASE WHEN a BETWEEN b AND n THEN 1 END)",
      "count(CASE WHEN side BETWEEN 'C' AND 'j' THEN 1 END)",
      "count(CASE WHEN 'C' < side THEN 1 END)",
      "count(CASE WHEN day >= '2022-02-01' THEN 1 END)",
      "count(CASE WHEN flag = false THEN 1 END)",
      "count(CASE WHEN a <> b THEN 1 END) + count(CASE WHEN n <= 5 THEN 1 END)",
      "sum(coalesce(a, b, 0))",
      "sum(coalesce(n, 1))",
      "sum(nullif(b, 0))",
      "count(nullif(a * 0, b))",
      "count(CASE WHEN 'S' <= side THEN 1 END) - count(CASE WHEN 'S' >= side THEN 1 END)",
      "count(CASE WHEN 'S' > side THEN 1 END) * 3 + count(CASE WHEN 'S' <> side THEN 1 END)",
      "sum(greatest(a, b, n))",
      "sum(least(a, b))",
      "sum(greatest(n, 10))",
      "coalesce(sum(a) / nullif(sum(b), 0), -1)",
      "greatest(max(a), max(b)) - least(min(a), min(b))",
      "CASE WHEN count(a) > 10 THEN avg(a) WHEN count(a) = 0 THEN 0 END",
      "CASE WHEN min(day) > DATE '2022-01-15' THEN 1 ELSE 2 END",
      "sum(coalesce(a - lag(a), 0)) / count(*)",
      "min(delta(n)) + max(lag(n, 2))",
      "first(delta(a)) + last(delta(a))",
      "count(DISTINCT a)",
      "count(DISTINCT b)",
      "count(DISTINCT -b)",  // zeroes of both signs
      "count(DISTINCT n)",
      "count(DISTINCT n % 5) * 100 + count(DISTINCT n / 5)",
      "count(DISTINCT ts)",
      "count(DISTINCT side)",
      "count(DISTINCT flag)",
      "count(DISTINCT day)",
      "count(DISTINCT a > b)",
      "count(DISTINCT 7)",
      "count(DISTINCT lag(n, 2))",
      "count(DISTINCT side) FILTER (WHERE a > 0)",
      "count(DISTINCT n) FILTER (WHERE side = 'B')",
      "count(DISTINCT side) FILTER (WHERE flag) / count(DISTINCT side)",
      "median(a)",
      "median(b) - median(n)",
      "median(delta(a))",
      "median(a) FILTER (WHERE flag)",
      "median(3)",
  };
  return metrics;
}

const std::vector<std::vector<std::string>>& FiltersOfManyKinds() {
  static const std::vector<std::vector<std::string>> filters = {
      {},
      {},
      {"a > 0"},
      {"side IN ('B', 'S')", "n > -500"},
      {"flag OR b = 0"},
      {"flag"},
      {"a IS NULL"},
      {"n > 5000"},  // passes nothing
      {"a IS NULL OR a IS NOT NULL"},
      {"true"},
  };
  return filters;
}

uint64_t TestSeed() {
  const char* const given = std::getenv("METRICSTORE_TEST_SEED");
  return given == nullptr ? std::random_device()() : std::strtoull(given, nullptr, 10);
}

}  // namespace metricstore::compute::vector
