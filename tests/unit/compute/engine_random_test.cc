// Every function of the language against a naive reading of it, on random rows, windows and
// filters.
#include <cmath>

#include "compute_service/engine/vector/kernels/parts/time_leaves.h"
#include "tests/unit/compute/engine_fixture.h"
#include "tests/unit/compute/engine_reference.h"

namespace metricstore::compute::vector {
namespace {

// Buckets with up to three slices, some empty, some far from any row; sometimes each shows those
// before too.
BucketsPtr RandomBuckets(std::mt19937_64* random, int64_t end) {
  const auto below = [random](int64_t limit) {
    return static_cast<int64_t>((*random)() % static_cast<uint64_t>(limit));
  };
  const int64_t step = 1 + below(end / 2 + 2);
  const int64_t reach = below(4) == 0 ? step + below(3 * step) : 0;
  std::vector<std::vector<Micros>> buckets;
  std::vector<Micros> all;
  std::vector<Micros> stretches;
  for (int64_t start = -step; start < end + 3 * step; start += step) {
    std::vector<Micros> slices;
    int64_t at = start;
    for (int i = 0; i < 3 && at < start + step; ++i) {
      const int64_t from = at + below(3) * step / 5;
      const int64_t to = std::min(start + step, from + 1 + below(4) * step / 4);
      if (from < to) slices.emplace_back(from, to);
      at = std::max(at, to);
    }
    all.insert(all.end(), slices.begin(), slices.end());
    stretches.emplace_back(start + step - reach, start + step);
    if (!slices.empty()) buckets.push_back(std::move(slices));
  }
  return reach > 0 ? MakeReaching(all, stretches) : MakeBuckets(buckets);
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

TEST(EngineRandomTest, AgreesWithTheNaiveReadingOnEveryFunction) {
  const uint64_t seed = TestSeed();
  SCOPED_TRACE("METRICSTORE_TEST_SEED=" + std::to_string(seed));
  std::mt19937_64 random(seed);
  for (int round = 0; round < 40; ++round) {
    const size_t sizes[] = {0, 1, 7, 40, 150, 2500};
    const size_t size = round == 0 ? 2500 : sizes[random() % 5];
    const int null_percents[] = {0, 10, 60, 100};
    columns::ColumnBatch rows = RandomRows(&random, size, null_percents[random() % 4]);
    // Far enough apart for many TimeLeaves, or all in one.
    const int64_t step = round % 2 == 0 ? int64_t{1} << (TimeLeaves::kLeafBits - 5) : 1;
    for (int64_t& time : rows.columns[0].int64) time *= step;
    const int64_t end = size == 0 ? 1 : rows.columns[0].int64.back() + 1;
    const std::vector<BucketsPtr> buckets = {
        round == 0 ? MakeBuckets({{{0, end / 2}}, {{end / 2, end}}}) : RandomBuckets(&random, end),
        RandomBuckets(&random, end), MakeBuckets({{{0, end}}})};
    std::vector<MetricTask> tasks;
    for (const std::string& metric : ExpressionsOfEveryFunction()) {
      tasks.push_back(MakeTask(
          metric, buckets[random() % (round == 0 ? 1 : 3)],
          FiltersOfManyKinds()[random() % (round == 0 ? 4 : FiltersOfManyKinds().size())]));
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
