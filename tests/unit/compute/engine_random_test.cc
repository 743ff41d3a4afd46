// Every function of the language against a naive reading of it, on random rows, windows and
// filters.
#include <cmath>
#include <cstdlib>

#include "tests/unit/compute/engine_fixture.h"
#include "tests/unit/compute/engine_reference.h"

namespace metricstore::compute::vector {
namespace {

const std::vector<std::string>& Metrics() {
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
      "stddev(a)",
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
      "stddev(log_return(abs(a) + 1))",
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

const std::vector<std::vector<std::string>>& Filters() {
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

// Buckets with up to three slices, some empty, some far from any row; sometimes overlapping.
BucketsPtr RandomBuckets(std::mt19937_64* random, int64_t end) {
  const bool overlapping = (*random)() % 8 == 0;
  const int64_t step = 1 + static_cast<int64_t>((*random)() % static_cast<uint64_t>(end / 2 + 2));
  auto buckets = std::make_shared<std::vector<calendar::Bucket>>();
  for (int64_t start = -step; start < end + 3 * step; start += step) {
    std::vector<Micros> slices;
    int64_t at = start;
    const int64_t until = start + (overlapping ? 2 * step : step);
    for (int i = 0; i < 3 && at < until; ++i) {
      const int64_t from = at + static_cast<int64_t>((*random)() % 3) * step / 5;
      const int64_t to =
          std::min(until, from + 1 + static_cast<int64_t>((*random)() % 4) * step / 4);
      if (from < to) slices.emplace_back(from, to);
      at = std::max(at, to);
    }
    if (!slices.empty()) buckets->push_back(MakeBucket(slices));
  }
  return buckets;
}

bool Near(double found, double wanted) {
  return std::abs(found - wanted) <= 1e-9 * std::max({1.0, std::abs(found), std::abs(wanted)});
}

void ExpectSame(const MetricTask& task, const MetricPoints& points,
                const columns::ColumnBatch& rows) {
  const std::vector<ReferencePoint> wanted = EvaluateNaively(task, rows, "ts");
  const std::string& text = task.expression->canonical_text();
  ASSERT_EQ(points.values.size(), wanted.size()) << text;
  ASSERT_EQ(points.statuses.size(), wanted.size()) << text;
  for (size_t i = 0; i < wanted.size(); ++i) {
    ASSERT_EQ(points.bucket_start_micros[i], wanted[i].bucket_start_micros) << text;
    const Cell& cell = wanted[i].cell;
    if (cell.is_null || !std::isfinite(cell.number)) {
      ASSERT_EQ(points.statuses[i], cell.is_null ? PointStatus::kNull : PointStatus::kNotFinite)
          << text << " point " << i << " value " << points.values[i];
      ASSERT_EQ(points.values[i], 0) << text;
      continue;
    }
    ASSERT_EQ(points.statuses[i], PointStatus::kOk) << text << " point " << i;
    ASSERT_TRUE(Near(points.values[i], cell.number))
        << text << " point " << i << ": found " << points.values[i] << ", wanted " << cell.number;
  }
}

uint64_t Seed() {
  const char* const given = std::getenv("METRICSTORE_TEST_SEED");
  return given == nullptr ? std::random_device()() : std::strtoull(given, nullptr, 10);
}

TEST(EngineRandomTest, AgreesWithTheNaiveReadingOnEveryFunction) {
  const uint64_t seed = Seed();
  SCOPED_TRACE("METRICSTORE_TEST_SEED=" + std::to_string(seed));
  std::mt19937_64 random(seed);
  for (int round = 0; round < 40; ++round) {
    const size_t sizes[] = {0, 1, 7, 40, 150, 2500};
    const size_t size = round == 0 ? 2500 : sizes[random() % 5];
    const int null_percents[] = {0, 10, 60, 100};
    const columns::ColumnBatch rows = RandomRows(&random, size, null_percents[random() % 4]);
    const int64_t end = size == 0 ? 1 : rows.columns[0].int64.back() + 1;
    const std::vector<BucketsPtr> buckets = {
        round == 0 ? MakeBuckets({{{0, end / 2}}, {{end / 2, end}}}) : RandomBuckets(&random, end),
        RandomBuckets(&random, end), MakeBuckets({{{0, end}}})};
    std::vector<MetricTask> tasks;
    for (const std::string& metric : Metrics()) {
      tasks.push_back(MakeTask(metric, buckets[random() % (round == 0 ? 1 : 3)],
                               Filters()[random() % (round == 0 ? 4 : Filters().size())]));
    }
    const auto evaluator = Evaluator::Create(tasks, "ts", TestSchema());
    ASSERT_TRUE(evaluator.ok()) << evaluator.status();
    const auto points = (*evaluator)->Evaluate(rows, CallBounds());
    ASSERT_TRUE(points.ok()) << points.status();
    ASSERT_EQ(points->size(), tasks.size());
    for (size_t i = 0; i < tasks.size(); ++i) {
      ExpectSame(tasks[i], (*points)[i], rows);
      if (::testing::Test::HasFatalFailure()) return;
    }
  }
}

}  // namespace
}  // namespace metricstore::compute::vector
