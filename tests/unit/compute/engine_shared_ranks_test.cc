// Medians, quantiles and counts of different values, for which windows and metrics share the ranks
// of a column: each has the answers that it has alone.

#include <cmath>
#include <numeric>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "tests/unit/compute/engine_overlap_fixture.h"

namespace metricstore::compute::vector {
namespace {

using columns::ColumnBatch;
using ::testing::ElementsAre;

// The ranks of columns are shared by windows that reach and by others, whose rows lie otherwise,
// but not by filters.
TEST(EngineSharedRanksTest, EveryWindowAndFilterHasItsOwnAnswers) {
  const uint64_t seed = TestSeed();
  SCOPED_TRACE("METRICSTORE_TEST_SEED=" + std::to_string(seed));
  std::mt19937_64 random(seed);
  const std::vector<std::string> expressions = {"median(a)",
                                                "median(b)",
                                                "median(n)",
                                                "quantile_cont(a, 0.3)",
                                                "quantile_cont(n, 1)",
                                                "quantile_disc(a, 0.9)",
                                                "quantile_disc(n, 0)",
                                                "count(DISTINCT a)",
                                                "count(DISTINCT n)",
                                                "count(DISTINCT side)",
                                                "count(DISTINCT flag)",
                                                "count(DISTINCT day)",
                                                "median(a + n)",
                                                "count(DISTINCT n % 7)"};
  for (const int null_percent : {0, 25}) {
    ColumnBatch rows = RandomRows(&random, 5000, null_percent);
    for (double& value : rows.columns[1].float64) value = std::round(value) / 100;
    const int64_t end = rows.columns[0].int64.back() + 1;
    std::vector<BucketsPtr> lists;
    for (const int64_t reach : {90, 700}) {
      const Windows windows = RollingWindows(end, reach, 60);
      lists.push_back(MakeReaching(windows.slices, windows.stretches));
      lists.push_back(Separate(Part(lists.back(), 3, 40)));
    }
    std::vector<MetricTask> tasks;
    for (const auto& filters : FiltersOfManyKinds()) {
      // Windows that do not reach come first and last.
      for (const size_t list : {1, 0, 2, 3}) {
        for (MetricTask& task : TasksOf(expressions, lists[list], filters)) {
          tasks.push_back(std::move(task));
        }
      }
    }
    const auto points = EvaluateAll(tasks, rows);
    for (size_t i = 0; i < tasks.size(); ++i) {
      MetricTask alone = tasks[i];
      if (alone.buckets->reaches) alone.buckets = Separate(alone.buckets);
      ExpectSameBits(points[i], EvaluateAll({alone}, rows).front(),
                     expressions[i % expressions.size()] + ", task " + std::to_string(i));
      if (HasFatalFailure()) return;
    }
  }
}

// As reals 2^53 and the integer after it are equal.
TEST(EngineSharedRanksTest, IntegersThatAreEqualAsRealsRemainDifferent) {
  constexpr int64_t kLarge = INT64_C(1) << 53;
  ColumnBatch rows = RowsOf(std::vector<double>(8, 0));
  rows.columns.push_back({.name = "n", .type = columns::ColumnType::kInt64});
  for (int64_t row = 0; row < 8; ++row) rows.columns[2].int64.push_back(kLarge + row % 4);
  const BucketsPtr buckets = MakeReaching({{0, 8}}, {{0, 4}, {0, 8}, {1, 3}});
  const auto points = EvaluateAll(TasksOf({"count(DISTINCT n)", "count(DISTINCT n::float8)",
                                           "median(n)", "quantile_disc(n, 0.5) - 9007199254740992"},
                                          buckets, {}),
                                  rows);
  EXPECT_THAT(points[0].values, ElementsAre(4, 4, 2));
  EXPECT_THAT(points[1].values, ElementsAre(3, 3, 2)) << "2^53, 2^53 + 2, 2^53 + 4";
  EXPECT_THAT(points[2].values, ElementsAre(0x1p53 + 1, 0x1p53 + 1, 0x1p53 + 1));
  EXPECT_THAT(points[3].values, ElementsAre(1, 1, 1));
}

// A window that does not reach uses ranks only if another does.
TEST(EngineSharedRanksTest, AZeroHasTheSameBitsWithRanksAndWithout) {
  const ColumnBatch rows = RowsOf({-0.0, 0.0, -0.0, -1, 1, -0.0, -0.0, -0.0});
  const BucketsPtr separate = MakeBuckets({{{0, 1}}, {{1, 5}}, {{5, 8}}});
  const BucketsPtr reaching = MakeReaching({{0, 8}}, {{0, 8}});
  for (const char* expression :
       {"median(a)", "quantile_cont(a, 0.5)", "quantile_disc(a, 0.5)", "1 / median(a)"}) {
    const auto alone = EvaluateAll({MakeTask(expression, separate)}, rows);
    const auto shared =
        EvaluateAll({MakeTask(expression, separate), MakeTask(expression, reaching)}, rows);
    ExpectSameBits(shared[0], alone[0], expression);
  }
}

TEST(EngineSharedRanksTest, TheMiddleOfTheGreatestNumbersIsNotInfinite) {
  const ColumnBatch rows = RowsOf({0x1.8p1023, 0x1p1023, 5e-324, 5e-324});
  const BucketsPtr buckets = MakeReaching({{0, 4}}, {{0, 2}, {2, 4}});
  const auto points =
      EvaluateAll(TasksOf({"median(a)", "quantile_cont(a, 0.5)"}, buckets, {}), rows);
  EXPECT_THAT(points[0].values, ElementsAre(0x1.4p1023, 5e-324));
  EXPECT_THAT(points[1].values, ElementsAre(0x1.4p1023, 5e-324));
}

TEST(EngineSharedRanksTest, RanksAreThoseOfTheRowsAtHand) {
  const auto evaluator = Evaluator::Create(
      TasksOf({"median(a)", "count(DISTINCT a)"}, SlidingWindows(300), {}), "ts", TestSchema());
  ASSERT_TRUE(evaluator.ok()) << evaluator.status();
  for (const double factor : {1.0, 0.01, -1.0 / 3}) {
    std::vector<double> values(300);
    for (size_t row = 0; row < values.size(); ++row) {
      values[row] = static_cast<double>(row / 2) * factor;
    }
    const auto points = (*evaluator)->Evaluate(Spread(RowsOf(values)), CallBounds());
    ASSERT_TRUE(points.ok()) << points.status();
    EXPECT_THAT((*points)[0].values, ElementsAre(std::midpoint(values[49], values[50]),
                                                 std::midpoint(values[99], values[100]),
                                                 std::midpoint(values[149], values[150])));
    EXPECT_THAT((*points)[1].values, ElementsAre(50, 100, 150));
  }
}

}  // namespace
}  // namespace metricstore::compute::vector
