// Values that are hard for windows that share rows: each is felt where it is shown and nowhere
// else, and no digits are lost beside it.

#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "tests/unit/compute/engine_overlap_fixture.h"

namespace metricstore::compute::vector {
namespace {

using columns::ColumnBatch;
using ::testing::ElementsAre;
using ::testing::ElementsAreArray;

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// Whether the window that ends after `bucket` hundreds of rows shows this row.
bool Shows(size_t bucket, size_t row) {
  const size_t end = (bucket + 1) * 100;
  return row < end && row + 1000 >= end;
}

TEST(EngineOverlapValueTest, InfinityAndNaNAreFeltOnlyWhereTheyAreShown) {
  std::mt19937_64 random(5);
  std::uniform_real_distribution<double> some(-1e6, 1e6);
  std::vector<double> values(5000);
  for (double& value : values) value = some(random);
  const std::vector<std::string> expressions = {"sum(a)", "avg(a)",    "stddev_samp(a)",   "min(a)",
                                                "max(a)", "median(a)", "count(DISTINCT a)"};
  const auto tasks = TasksOf(expressions, SlidingWindows(5000), {});
  const auto clean = EvaluateAll(tasks, Spread(RowsOf(values)));
  for (const double special : {kInfinity, -kInfinity, kNaN, 1e308}) {
    std::vector<double> with = values;
    for (const size_t row : {2345, 2346}) with[row] = special;
    const auto points = EvaluateAll(tasks, Spread(RowsOf(with)));
    for (size_t bucket = 0; bucket < 50; ++bucket) {
      for (size_t i = 0; i < expressions.size(); ++i) {
        SCOPED_TRACE(expressions[i] + " in bucket " + std::to_string(bucket));
        if (!Shows(bucket, 2345)) {
          EXPECT_EQ(points[i].statuses[bucket], PointStatus::kOk);
          EXPECT_EQ(points[i].values[bucket], clean[i].values[bucket]);
        } else if (i < 3) {
          EXPECT_EQ(points[i].statuses[bucket], PointStatus::kNotFinite)
              << "twice 1e308 is infinite";
        }
      }
      if (!Shows(bucket, 2345)) continue;
      const bool is_least = special == -kInfinity;
      EXPECT_EQ(points[3].statuses[bucket], is_least ? PointStatus::kNotFinite : PointStatus::kOk);
      EXPECT_EQ(points[6].values[bucket], clean[6].values[bucket] - 1);
    }
  }
}

// A large value and its opposite in every window, apart in the tree; the small ones must remain.
TEST(EngineOverlapValueTest, NothingIsLostBetweenExtremeMagnitudes) {
  std::vector<double> values(3000, 1e-3);
  for (size_t row = 0; row < values.size(); row += 100) values[row] = row % 200 == 0 ? 1e16 : -1e16;
  const auto points =
      EvaluateAll({MakeTask("sum(a)", SlidingWindows(3000))}, Spread(RowsOf(values)));
  for (size_t bucket = 9; bucket < 30; ++bucket) {
    EXPECT_NEAR(points[0].values[bucket], 990 * 1e-3, 1e-13) << bucket;
  }
}

// What a standard deviation is in twice the precision, in two passes.
double DeviationOf(const std::vector<double>& values, size_t begin, size_t end) {
  __float128 sum = 0;
  for (size_t row = begin; row < end; ++row) sum += values[row];
  const __float128 mean = sum / static_cast<double>(end - begin);
  __float128 squares = 0;
  for (size_t row = begin; row < end; ++row) {
    squares += (values[row] - mean) * (values[row] - mean);
  }
  return std::sqrt(static_cast<double>(squares / static_cast<double>(end - begin - 1)));
}

// As hard as NIST's NumAcc4, and harder: the spread is in the last digits of the values.
TEST(EngineOverlapValueTest, DeviationsKeepThirteenDigitsOnLargeMeans) {
  for (const double mean : {1e7, 1e10, 1e13, -1e15}) {
    std::vector<double> values(8000);
    for (size_t row = 0; row < values.size(); ++row) {
      values[row] = mean + (row % 2 == 0 ? 0.1 : 0.3) + (row > 4000 ? 0.25 : 0.0);
    }
    const auto points =
        EvaluateAll({MakeTask("stddev_samp(a)", SlidingWindows(8000))}, Spread(RowsOf(values)));
    for (size_t bucket = 0; bucket < 80; ++bucket) {
      const size_t end = (bucket + 1) * 100;
      const double expected = DeviationOf(values, end < 1000 ? 0 : end - 1000, end);
      EXPECT_NEAR(points[0].values[bucket], expected, 1e-13 * expected) << mean << " " << bucket;
    }
  }
}

// The product of a sum and a count overflows, though neither sum nor mean does.
TEST(EngineOverlapValueTest, HugeEqualValuesDoNotDeviate) {
  const auto points = EvaluateAll({MakeTask("stddev_pop(a)", SlidingWindows(3000))},
                                  Spread(RowsOf(std::vector<double>(3000, 0x1p1010))));
  EXPECT_THAT(points[0].values, ElementsAreArray(std::vector<double>(30, 0.0)));
  EXPECT_THAT(points[0].statuses, ElementsAreArray(std::vector<PointStatus>(30)));
}

TEST(EngineOverlapValueTest, ManyRowsOfOneInstantAreOneStep) {
  ColumnBatch rows = RowsOf(std::vector<double>(5000, 0.1));
  for (size_t row = 0; row < 5000; ++row) {
    rows.columns[0].int64[row] = static_cast<int64_t>(row / 1000);
    rows.columns[1].float64[row] = static_cast<double>(row);
  }
  const BucketsPtr buckets = MakeReaching({{0, 10}}, {{0, 1}, {0, 2}, {1, 3}, {2, 9}});
  const auto points =
      EvaluateAll(TasksOf({"count(*)", "sum(a)", "max(a)", "median(a)"}, buckets, {}), rows);
  EXPECT_THAT(points[0].values, ElementsAre(1000, 2000, 2000, 3000));
  EXPECT_THAT(points[1].values, ElementsAre(499'500, 1'999'000, 3'999'000, 10'498'500));
  EXPECT_THAT(points[2].values, ElementsAre(999, 1999, 2999, 4999));
  EXPECT_THAT(points[3].values, ElementsAre(499.5, 999.5, 1999.5, 3499.5));
}

TEST(EngineOverlapValueTest, WindowsWithoutRowsHaveNoPointAndWithoutValuesAreNull) {
  ColumnBatch rows = RowsOf({1, 2, 3, 4, 5, 6});
  for (size_t row = 2; row < 4; ++row) {
    rows.columns[1].validity.SetNull(row, 6);
    rows.columns[1].float64[row] = 0;
  }
  const BucketsPtr buckets = MakeReaching({{0, 20}}, {{0, 2}, {2, 4}, {3, 5}, {10, 20}});
  const auto points =
      EvaluateAll(TasksOf({"count(a)", "sum(a)", "min(a)", "last(a)", "median(a)", "stddev_pop(a)"},
                          buckets, {}),
                  rows);
  EXPECT_THAT(points[0].values, ElementsAre(2, 0, 1));
  for (size_t i = 1; i < points.size(); ++i) {
    EXPECT_THAT(points[i].statuses,
                ElementsAre(PointStatus::kOk, PointStatus::kNull, PointStatus::kOk))
        << i;
  }
  EXPECT_THAT(points[1].values, ElementsAre(3, 0, 5));
}

}  // namespace
}  // namespace metricstore::compute::vector
