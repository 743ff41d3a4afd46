// What single functions promise beyond their formulas: exact sums, statuses of results, the middle
// and the number of values.

#include <cmath>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "tests/unit/compute/engine_fixture.h"

namespace metricstore::compute::vector {
namespace {

using columns::ColumnBatch;
using columns::ColumnType;
using ::testing::Each;
using ::testing::ElementsAre;

double ValueOf(const std::string& expression, const ColumnBatch& rows) {
  const MetricPoints points = EvaluateOne(expression, rows);
  EXPECT_EQ(points.values.size(), 1u) << expression;
  EXPECT_THAT(points.statuses, Each(PointStatus::kOk)) << expression;
  return points.values.empty() ? std::nan("") : points.values[0];
}

PointStatus StatusOf(const std::string& expression, const ColumnBatch& rows) {
  const MetricPoints points = EvaluateOne(expression, rows);
  EXPECT_THAT(points.values, ElementsAre(0)) << expression;
  return points.statuses.empty() ? PointStatus::kOk : points.statuses[0];
}

TEST(EngineSumTest, LosesNothingOfSmallValuesBesideLargeOnes) {
  EXPECT_EQ(ValueOf("sum(a)", RowsOf({1, 1e100, 1, -1e100})), 2);
  std::vector<double> values = {1e16};
  for (int i = 0; i < 1000; ++i) values.push_back(1);
  values.push_back(-1e16);
  EXPECT_EQ(ValueOf("sum(a)", RowsOf(values)), 1000);
  EXPECT_EQ(ValueOf("avg(a)", RowsOf(std::vector<double>(10'000, 0.1))), 0.1);
}

TEST(EngineSumTest, AddsTenthsExactlyRounded) {
  for (const size_t rows : {1, 10, 15, 16, 17, 23, 1000, 100'000}) {
    EXPECT_EQ(ValueOf("sum(a)", RowsOf(std::vector<double>(rows, 0.1))),
              static_cast<double>(static_cast<long double>(0.1) * static_cast<long double>(rows)))
        << rows;
  }
}

// After NIST's NumAcc3 and NumAcc4: a large mean, and deviations of 0.1 with a known result.
TEST(EngineVarianceTest, IsStableBesideALargeMean) {
  for (const double mean : {1'000'000.2, 10'000'000.2}) {
    std::vector<double> values = {mean};
    for (int i = 0; i < 500; ++i) {
      values.push_back(mean - 0.1);
      values.push_back(mean + 0.1);
    }
    const ColumnBatch rows = RowsOf(values);
    EXPECT_NEAR(ValueOf("stddev_samp(a)", rows), 0.1, 1e-9);
    EXPECT_EQ(ValueOf("avg(a)", rows), mean);
  }
  EXPECT_EQ(ValueOf("var_pop(a)", RowsOf(std::vector<double>(777, 0.1))), 0);
}

TEST(EngineSumTest, AddsIntegersBeyondTheirRangeAndBack) {
  ColumnBatch rows = RowsOf({0, 0, 0});
  rows.columns.push_back({.name = "n", .type = ColumnType::kInt64});
  rows.columns[2].int64 = {INT64_MAX, INT64_MAX, -INT64_MAX};
  EXPECT_EQ(ValueOf("sum(n)", rows), static_cast<double>(INT64_MAX));
  rows.columns[2].int64 = {(INT64_C(1) << 53) + 1, -(INT64_C(1) << 53), 0};
  EXPECT_EQ(ValueOf("sum(n)", rows), 1);
}

TEST(EngineIntegerTest, ResultsThatDoNotFitAreNull) {
  ColumnBatch rows = RowsOf({0, 0});
  rows.columns.push_back({.name = "n", .type = ColumnType::kInt64});
  rows.columns[2].int64 = {INT64_MAX, 1};
  EXPECT_EQ(ValueOf("count(n + 1)", rows), 1);
  EXPECT_EQ(ValueOf("count(n * 2)", rows), 1);
  rows.columns[2].int64 = {INT64_MIN, 1};
  EXPECT_EQ(ValueOf("count(-n)", rows), 1);
  EXPECT_EQ(ValueOf("count(abs(n))", rows), 1);
  EXPECT_EQ(ValueOf("count(n - 1)", rows), 1);
  EXPECT_EQ(ValueOf("sum(n % -1)", rows), 0);
}

TEST(EngineStatusTest, NullAndNotFiniteResultsAreMarkedAndZero) {
  const ColumnBatch rows = RowsOf({1, 0, -1});
  EXPECT_EQ(StatusOf("1 / sum(a)", rows), PointStatus::kNull);
  EXPECT_EQ(StatusOf("ln(sum(a))", rows), PointStatus::kNull);
  EXPECT_EQ(StatusOf("sqrt(min(a))", rows), PointStatus::kNull);
  EXPECT_EQ(StatusOf("power(min(a), 0.5)", rows), PointStatus::kNull);
  EXPECT_EQ(StatusOf("sum(NULL)", rows), PointStatus::kNull);
  EXPECT_EQ(StatusOf("exp(max(a) * 1000)", rows), PointStatus::kNotFinite);
  EXPECT_EQ(StatusOf("sum(a * 1e308 * 10)", rows), PointStatus::kNotFinite);
  EXPECT_EQ(StatusOf("max(exp(a * 1000) - exp(a * 1000))", RowsOf({1, 0, 2, 0, 3})),
            PointStatus::kNotFinite);
  EXPECT_EQ(StatusOf("stddev_samp(a)", RowsOf({5})), PointStatus::kNull);
  EXPECT_EQ(StatusOf("sum(a)", RowsOf({1e308, 1e308, 1e308})), PointStatus::kNotFinite);
}

TEST(EngineDivisionTest, ByZeroIsNullAndSkippedByAggregates) {
  const ColumnBatch rows = RowsOf({2, 0, 4});
  EXPECT_EQ(ValueOf("sum(8 / a)", rows), 6);
  EXPECT_EQ(ValueOf("count(8 / a)", rows), 2);
  EXPECT_EQ(ValueOf("count(a % 0)", rows), 0);
}

TEST(EngineRoundTest, HalvesGoAwayFromZero) {
  EXPECT_EQ(ValueOf("first(round(a)) * 10 + last(round(a))", RowsOf({2.5, -0.5})), 29);
}

TEST(EngineMedianTest, IsTheMiddleValueOrTheMeanOfTheTwoInTheMiddle) {
  EXPECT_EQ(ValueOf("median(a)", RowsOf({9})), 9);
  EXPECT_EQ(ValueOf("median(a)", RowsOf({9, 1, 5})), 5);
  EXPECT_EQ(ValueOf("median(a)", RowsOf({9, 1, 5, 2})), 3.5);
  EXPECT_EQ(ValueOf("median(a)", RowsOf({1.7e308, 1.7e308})), 1.7e308) << "no overflow";
  EXPECT_EQ(ValueOf("median(a * 2)", RowsOf({4, 4, 4, 1})), 8);
}

TEST(EngineMedianTest, SkipsNullAndIsNullWithoutValues) {
  ColumnBatch rows = RowsOf({1, 0, 3});
  rows.columns[1].validity.SetNull(1, 3);
  EXPECT_EQ(ValueOf("median(a)", rows), 2);
  EXPECT_EQ(StatusOf("median(a) FILTER (WHERE a > 9)", rows), PointStatus::kNull);
}

TEST(EngineMedianTest, NotANumberIsAboveEveryNumber) {
  // exp(1000) - exp(1000) is infinity less infinity.
  EXPECT_EQ(StatusOf("median(exp(a * 1000) - exp(a * 1000))", RowsOf({1, 2, -1})),
            PointStatus::kNotFinite);
  EXPECT_EQ(ValueOf("median(exp(a * 1000) - exp(a * 1000))", RowsOf({1, -2, -1})), 0);
}

TEST(EngineCountDistinctTest, ZeroesOfBothSignsAreOneValue) {
  EXPECT_EQ(ValueOf("count(DISTINCT a)", RowsOf({0.0, -0.0, 1})), 2);
  EXPECT_EQ(ValueOf("count(DISTINCT exp(a * 1000) - exp(a * 1000))", RowsOf({1, 2, 0})), 2)
      << "so are all that are not a number";
}

TEST(EngineCountDistinctTest, CountsNothingWhereAllIsNull) {
  ColumnBatch rows = RowsOf({1, 2});
  for (size_t row = 0; row < 2; ++row) rows.columns[1].validity.SetNull(row, 2);
  EXPECT_EQ(ValueOf("count(DISTINCT a)", rows), 0);
}

// More codes in the second bucket than in any before, and buckets that repeat codes.
TEST(EngineCountDistinctTest, TextsAreCountedInEachBucketApart) {
  ColumnBatch rows = RowsOf({0, 0, 0, 0, 0, 0, 0});
  rows.columns.push_back({.name = "side", .type = ColumnType::kText});
  for (int i = 0; i < 5000; ++i) rows.columns[2].dictionary.push_back(std::to_string(i));
  rows.columns[2].codes = {1, 1, 0, 4999, 1, 1, 0};
  rows.columns[2].validity.SetNull(6, 7);
  const BucketsPtr buckets = MakeBuckets({{{0, 2}}, {{2, 5}}, {{5, 7}}});
  const auto points =
      EvaluateAll({MakeTask("count(DISTINCT side)", buckets),
                   MakeTask("count(DISTINCT side)", buckets, {"side <> '1'"}),
                   MakeTask("count(DISTINCT side) FILTER (WHERE side <> '1')", buckets)},
                  rows);
  EXPECT_THAT(points[0].values, ElementsAre(1, 3, 1));
  EXPECT_THAT(points[1].values, ElementsAre(2));
  EXPECT_THAT(points[2].values, ElementsAre(0, 2, 0));
}

TEST(EngineCountDistinctTest, CountsAMillionValuesOfOneBucket) {
  std::vector<double> values;
  for (int64_t i = 0; i < 1'000'000; ++i) {
    values.push_back(static_cast<double>(i * 7919 % 250'000));
  }
  EXPECT_EQ(ValueOf("count(DISTINCT a)", RowsOf(values)), 250'000);
  EXPECT_EQ(ValueOf("median(a)", RowsOf(values)), 124'999.5);
}

}  // namespace
}  // namespace metricstore::compute::vector
