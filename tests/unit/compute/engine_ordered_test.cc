// Functions of a row and those around it, in buckets that share rows or not.

#include <bit>
#include <cmath>
#include <functional>
#include <limits>
#include <random>
#include <vector>

#include "gmock/gmock.h"
#include "tests/unit/compute/engine_fixture.h"

namespace metricstore::compute::vector {
namespace {

using columns::ColumnBatch;
using ::testing::ElementsAre;
using ::testing::ElementsAreArray;

// Three buckets of a, the second over a gap.
const BucketsPtr& Buckets() {
  static const BucketsPtr buckets = MakeBuckets({{{0, 2}}, {{2, 3}, {4, 6}}, {{6, 7}}});
  return buckets;
}

std::vector<double> ValuesOf(const std::string& expression, const ColumnBatch& rows) {
  return EvaluateAll({MakeTask(expression, Buckets())}, rows)[0].values;
}

ColumnBatch SevenRows() { return RowsOf({1, 2, 4, 100, 8, 16, 32}); }

TEST(EngineLeadTest, SeesTheNextRowOfTheBucket) {
  EXPECT_THAT(ValuesOf("sum(lead(a))", SevenRows()), ElementsAre(2, 24, 0));
  EXPECT_THAT(ValuesOf("count(lead(a, 2))", SevenRows()), ElementsAre(0, 1, 0));
  EXPECT_THAT(ValuesOf("sum(lead(a) - lag(a))", SevenRows()), ElementsAre(0, 12, 0));
  EXPECT_THAT(ValuesOf("count(lead(a, 1000000))", SevenRows()), ElementsAre(0, 0, 0));
}

TEST(EngineRunningTest, StartsAgainInEachBucket) {
  EXPECT_THAT(ValuesOf("last(cum_sum(a))", SevenRows()), ElementsAre(3, 28, 32));
  EXPECT_THAT(ValuesOf("first(cum_sum(a))", SevenRows()), ElementsAre(1, 4, 32));
  EXPECT_THAT(ValuesOf("sum(cum_max(a))", SevenRows()), ElementsAre(3, 28, 32));
  EXPECT_THAT(ValuesOf("sum(cum_min(a))", SevenRows()), ElementsAre(2, 12, 32));
  EXPECT_THAT(ValuesOf("last(ewma(a, 0.5))", SevenRows()), ElementsAre(1.5, 11, 32));
}

// Rows are computed in blocks, of which some begin where a bucket does.
TEST(EngineRunningTest, StartsAgainInBucketsThatBeginWithABlock) {
  constexpr int64_t kRowsOfBucket = 64;
  std::vector<std::vector<Micros>> spans;
  for (int64_t begin = 0; begin < 4096; begin += kRowsOfBucket) {
    spans.push_back({{begin, begin + kRowsOfBucket}});
  }
  const ColumnBatch rows = RowsOf(std::vector<double>(4096, 1));
  const auto points = EvaluateAll({MakeTask("last(cum_sum(a))", MakeBuckets(spans))}, rows);
  EXPECT_THAT(points[0].values, ElementsAreArray(std::vector<double>(64, kRowsOfBucket)));
}

TEST(EngineRunningTest, NullsKeepWhatWasAndBeforeTheFirstThereIsNothing) {
  ColumnBatch rows = RowsOf({0, 3, 0, 5});
  rows.columns[1].validity.SetNull(0, 4);
  rows.columns[1].validity.SetNull(2, 4);
  EXPECT_THAT(EvaluateOne("count(cum_sum(a))", rows).values, ElementsAre(3));
  EXPECT_THAT(EvaluateOne("sum(cum_sum(a))", rows).values, ElementsAre(3 + 3 + 8));
  EXPECT_THAT(EvaluateOne("sum(ewma(a, 0.5))", rows).values, ElementsAre(3 + 3 + 4));
  EXPECT_THAT(EvaluateOne("sum(cum_min(a))", rows).values, ElementsAre(9));
}

TEST(EngineRunningTest, SumsLoseNothing) {
  EXPECT_THAT(EvaluateOne("last(cum_sum(a))", RowsOf({1e100, 1, -1e100})).values, ElementsAre(1));
}

TEST(EngineRunningTest, NanIsTheGreatest) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THAT(EvaluateOne("last(cum_min(a))", RowsOf({nan, 2, nan})).values, ElementsAre(2));
  EXPECT_THAT(EvaluateOne("last(cum_max(a))", RowsOf({1, nan, 2})).statuses,
              ElementsAre(PointStatus::kNotFinite));
}

// Far more rows than a block has, against a plain loop.
TEST(EngineRunningTest, GoesOnFromBlockToBlock) {
  std::mt19937_64 random(17);
  std::vector<double> values;
  for (int i = 0; i < 5000; ++i) values.push_back(static_cast<double>(random() % 1000) / 8);
  const auto running = [&](const std::function<double(double, double)>& step) {
    double sum = 0;
    double now = values[0];
    for (size_t i = 0; i < values.size(); ++i) sum += now = i == 0 ? now : step(now, values[i]);
    return sum;
  };
  const ColumnBatch rows = RowsOf(values);
  const auto expect = [&](const std::string& expression, double wanted) {
    const double found = EvaluateOne(expression, rows).values.at(0);
    EXPECT_NEAR(found, wanted, 1e-12 * wanted) << expression;
  };
  expect("sum(cum_sum(a))", running([](double s, double x) { return s + x; }));
  expect("sum(cum_max(a))", running([](double s, double x) { return std::max(s, x); }));
  expect("sum(ewma(a, 0.25))", running([](double s, double x) { return 0.25 * x + 0.75 * s; }));
  double ahead = 0;
  for (size_t i = 1500; i < values.size(); ++i) ahead += values[i];
  expect("sum(lead(a, 1500))", ahead);
}

// The bits of a bucket's value do not depend on the buckets that share its rows.
TEST(EngineOverlapTest, OrderedFunctionsSeeTheirOwnBucketOnly) {
  std::mt19937_64 random(23);
  const ColumnBatch rows = RandomRows(&random, 4000, 10);
  const std::vector<std::string> expressions = {
      "sum(lead(a))",
      "sum(lead(a, 700) * b)",
      "last(cum_sum(a))",
      "sum(cum_max(n) - cum_min(n))",
      "stddev_samp(ewma(a, 0.1))",
      "sum(lag(cum_sum(a)))",
      "sum(cum_sum(delta(a)))",
      "sum(delta(a)) + sum(lead(b))",
      "realized_volatility(abs(a) + 1)",
      "corr(a, lead(a))",
      "corr(a, lag(a))",
      "last(side || lag(side))",
  };
  const auto& times = rows.columns[0].int64;
  std::vector<std::vector<Micros>> slices;
  for (int64_t start = 0; start + 900 < times.back(); start += 350) {
    slices.push_back({{start, start + 900}});
  }
  // Together, so that a short look back shares its rows with ones that see the whole bucket.
  std::vector<MetricTask> tasks;
  for (const std::string& each : expressions) tasks.push_back(MakeTask(each, MakeBuckets(slices)));
  const std::vector<MetricPoints> together = EvaluateAll(tasks, rows);
  for (size_t task = 0; task < expressions.size(); ++task) {
    const std::string& expression = expressions[task];
    const MetricPoints& shared = together[task];
    ASSERT_EQ(shared.values.size(), slices.size());
    for (size_t i = 0; i < slices.size(); ++i) {
      const MetricPoints alone =
          EvaluateAll({MakeTask(expression, MakeBuckets({slices[i]}))}, rows)[0];
      EXPECT_EQ(std::bit_cast<uint64_t>(shared.values[i]), std::bit_cast<uint64_t>(alone.values[0]))
          << expression << " bucket " << i;
      EXPECT_EQ(shared.statuses[i], alone.statuses[0]) << expression;
      EXPECT_EQ(shared.texts.empty(), alone.texts.empty());
      if (!alone.texts.empty()) {
        EXPECT_EQ(shared.texts[i], alone.texts[0]);
      }
    }
  }
}

TEST(EngineCompositionTest, VwapWeighsPricedRowsOnly) {
  std::mt19937_64 random(1);
  ColumnBatch rows = RandomRows(&random, 4, 0);
  rows.columns[1].float64 = {10, 20, 0, 40};
  rows.columns[2].float64 = {1, 3, 100, 0};
  rows.columns[1].validity.SetNull(2, 4);
  EXPECT_THAT(EvaluateOne("vwap(a, b)", rows).values, ElementsAre(17.5));
  rows.columns[2].float64 = {0, 0, 100, 0};
  EXPECT_THAT(EvaluateOne("vwap(a, b)", rows).statuses, ElementsAre(PointStatus::kNull));
}

TEST(EngineCompositionTest, RealizedVolatilityIsTheRootOfSquaredReturns) {
  const double up = std::log(2.0);
  EXPECT_DOUBLE_EQ(EvaluateOne("realized_volatility(a)", RowsOf({1, 2, 1})).values.at(0),
                   std::sqrt(2 * up * up));
  EXPECT_THAT(EvaluateOne("realized_volatility(a)", RowsOf({1})).statuses,
              ElementsAre(PointStatus::kNull));
}

// A row that a filter drops, or that has no value, is no neighbour.
TEST(EngineCompositionTest, RealizedVolatilityGoesFromOneValueToTheNext) {
  const double wanted = std::sqrt(2 * std::log(4.0) * std::log(4.0));
  const ColumnBatch rows = RowsOf({1, 2, 4, 8, 16});
  for (const std::string metric : {"realized_volatility(a) FILTER (WHERE a IN (1, 4, 16))",
                                   "realized_volatility(CASE WHEN a IN (1, 4, 16) THEN a END)",
                                   "realized_volatility(nullif(nullif(a, 2), 8))"}) {
    EXPECT_DOUBLE_EQ(EvaluateOne(metric, rows).values.at(0), wanted) << metric;
  }
  EXPECT_DOUBLE_EQ(EvaluateOne("realized_volatility(a)", rows, {"a IN (1, 4, 16)"}).values.at(0),
                   wanted);
  // Where a value is zero there is no ratio.
  EXPECT_DOUBLE_EQ(EvaluateOne("realized_volatility(a)", RowsOf({0, 1, 0, 1, 2})).values.at(0),
                   std::log(2.0));
}

TEST(EngineCompositionTest, ZscoresAreNullWithoutSpread) {
  EXPECT_DOUBLE_EQ(EvaluateOne("zscore_samp(a)", RowsOf({1, 2, 3})).values.at(0), 1);
  EXPECT_DOUBLE_EQ(EvaluateOne("zscore_pop(a)", RowsOf({1, 2, 3})).values.at(0),
                   1 / std::sqrt(2.0 / 3));
  for (const std::string metric : {"zscore_samp(a)", "zscore_pop(a)"}) {
    EXPECT_THAT(EvaluateOne(metric, RowsOf({0.1, 0.1, 0.1})).statuses,
                ElementsAre(PointStatus::kNull));
    EXPECT_THAT(EvaluateOne(metric, RowsOf({7})).statuses, ElementsAre(PointStatus::kNull));
  }
}

}  // namespace
}  // namespace metricstore::compute::vector
