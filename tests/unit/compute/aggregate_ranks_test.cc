// Quantiles, extremes and what they point at, by the order of all values.

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "compute_service/engine/vector/kernels/ranks/ranks.h"
#include "tests/unit/compute/aggregate_call_fixture.h"
#include "tests/unit/compute/engine_fixture.h"

namespace metricstore::compute::vector {
namespace {

using enum expression::Function;
using expression::Function;

const double kNan = std::numeric_limits<double>::quiet_NaN();

Parameters Share(double share) { return {.numbers = {share}, .texts = {}}; }

TEST(AggregateMedianTest, IsTheMiddleValueOrTheMeanOfTheTwoInTheMiddle) {
  CallRunner calls;
  EXPECT_EQ(calls.Run<double>(kMedian, RealColumn{9.0}), 9);
  EXPECT_EQ(calls.Run<double>(kMedian, RealColumn{9.0, 1.0, 5.0}), 5);
  EXPECT_EQ(calls.Run<double>(kMedian, RealColumn{9.0, std::nullopt, 1.0, 5.0, 2.0}), 3.5);
  EXPECT_EQ(calls.Run<double>(kMedian, RealColumn{1.7e308, 1.7e308}), 1.7e308) << "no overflow";
  EXPECT_EQ(calls.Run<double>(kMedian, RealColumn{std::nullopt}), std::nullopt);
  EXPECT_TRUE(std::isnan(*calls.Run<double>(kMedian, RealColumn{kNan, 1.0, kNan})));
  EXPECT_EQ(calls.Run<double>(kMedian, RealColumn{kNan, 1.0, -3.0}), 1);
  EXPECT_EQ(calls.Run<double>(kMedian, IntegerColumn{7, 4, 4, 1}), 4) << "of integers";
}

TEST(AggregateQuantileTest, ContInterpolatesBetweenNeighbours) {
  CallRunner calls;
  const RealColumn values{40.0, 10.0, std::nullopt, 20.0, 30.0};
  const auto quantile = [&](double share) {
    return calls.With(Share(share)).Run<double>(kQuantileCont, values);
  };
  EXPECT_EQ(quantile(0), 10);
  EXPECT_EQ(quantile(1), 40);
  EXPECT_EQ(quantile(0.5), 25);
  EXPECT_EQ(quantile(0.25), 17.5);
  EXPECT_DOUBLE_EQ(*quantile(0.9), 37);
  EXPECT_EQ(calls.With(Share(0.9)).Run<double>(kQuantileCont, RealColumn{5.0}), 5);
  EXPECT_EQ(calls.With(Share(0.9)).Run<double>(kQuantileCont, RealColumn{std::nullopt}),
            std::nullopt);
  EXPECT_EQ(calls.With(Share(0.5)).Run<double>(kQuantileCont, RealColumn{-1.7e308, 1.7e308}), 0)
      << "no overflow";
}

TEST(AggregateQuantileTest, ContReadsNotANumberAsTheGreatest) {
  CallRunner calls;
  const RealColumn values{kNan, 3.0, 1.0};
  EXPECT_EQ(calls.With(Share(0.5)).Run<double>(kQuantileCont, values), 3);
  EXPECT_EQ(calls.With(Share(0.25)).Run<double>(kQuantileCont, values), 2);
  EXPECT_TRUE(std::isnan(*calls.With(Share(0.75)).Run<double>(kQuantileCont, values)));
}

// DuckDB 1.4: SELECT quantile_disc(x, p) FROM range(1, n + 1) t(x).
TEST(AggregateQuantileTest, DiscTakesAValueThatIsThere) {
  const struct {
    size_t count;
    double share;
    size_t place;
  } kCases[] = {{10, 0, 0},        {10, 0.1, 0}, {10, 0.11, 1}, {10, 0.5, 4},   {10, 0.51, 5},
                {10, 0.7, 6},      {10, 0.9, 8}, {10, 1, 9},    {1, 0, 0},      {1, 0.5, 0},
                {1, 1, 0},         {4, 0.25, 0}, {4, 0.26, 1},  {100, 0.07, 6}, {100, 0.29, 28},
                {1000, 0.57, 569}, {3, 1e-9, 0}};
  for (const auto& each : kCases) {
    EXPECT_EQ(DiscreteQuantilePlace(each.count, each.share), each.place)
        << each.share << " of " << each.count;
  }
}

TEST(AggregateQuantileTest, DiscIsOfEveryType) {
  CallRunner calls;
  EXPECT_EQ(calls.With(Share(0.5)).Run<double>(kQuantileDisc, RealColumn{4.0, 1.0, 3.0, 2.0}), 2);
  EXPECT_EQ(calls.With(Share(0.6)).Run<int64_t>(kQuantileDisc, IntegerColumn{40, 10, 30, 20}), 30);
  EXPECT_EQ(calls.With(Share(0.4)).Run<uint8_t>(kQuantileDisc, FlagColumn{1, 0, 1}), 1);
  // Codes rise otherwise than texts.
  CodeColumn texts = calls.Codes({"pear", "fig", "apple"});
  EXPECT_EQ(calls.With(Share(0.5)).RunText(kQuantileDisc, texts), "fig");
  EXPECT_EQ(calls.With(Share(1)).RunText(kQuantileDisc, texts), "pear");
  EXPECT_TRUE(std::isnan(
      *calls.With(Share(1)).Run<double>(kQuantileDisc, RealColumn{1.0, kNan, HUGE_VAL})));
  EXPECT_EQ(calls.With(Share(0.6)).Run<double>(kQuantileDisc, RealColumn{1.0, kNan, HUGE_VAL}),
            HUGE_VAL);
}

// Sizes around those at which the selection changes its way; values with many repetitions, sorted
// and falling.
TEST(AggregateQuantileTest, SelectsLikeSorting) {
  const uint64_t seed = TestSeed();
  SCOPED_TRACE("METRICSTORE_TEST_SEED=" + std::to_string(seed));
  std::mt19937_64 random(seed);
  for (int round = 0; round < 400; ++round) {
    std::vector<double> values(1 + random() % 200);
    const uint64_t distinct = std::vector<uint64_t>{1, 2, 10, 1'000'000}[random() % 4];
    for (double& value : values) value = static_cast<double>(random() % distinct) - 3;
    if (round % 5 == 1) std::sort(values.begin(), values.end());
    if (round % 5 == 2) std::sort(values.rbegin(), values.rend());
    std::vector<double> sorted = values;
    std::sort(sorted.begin(), sorted.end());
    const size_t place = random() % values.size();
    EXPECT_EQ(Select(std::span(values), place), sorted[place]);
    for (size_t i = 0; i < values.size(); ++i) {
      ASSERT_TRUE(i <= place ? values[i] <= sorted[place] : values[i] >= sorted[place]) << i;
    }
  }
}

TEST(AggregateExtremeTest, TextsAreComparedByTheirBytes) {
  CallRunner calls;
  CodeColumn texts = calls.Codes({"pear", "apple", "Zoe", "é", "fig"});
  EXPECT_EQ(calls.RunText(kMin, texts), "Zoe");
  EXPECT_EQ(calls.RunText(kMax, texts), "é");
  EXPECT_EQ(calls.RunText(kMax, CodeColumn{std::nullopt}), std::nullopt);
  CodeColumn with_null = calls.Codes({"b", "a"});
  with_null.Add(std::nullopt);
  EXPECT_EQ(calls.RunText(kMin, with_null), "a") << "NULL has the code of the empty text";
}

TEST(AggregateArgTest, IsOfTheFirstRowWithTheExtreme) {
  CallRunner calls;
  const RealColumn x{1.0, 2.0, 3.0, 4.0};
  EXPECT_EQ(calls.Run<double>(kArgMin, x, RealColumn{5.0, 3.0, 3.0, 9.0}), 2);
  EXPECT_EQ(calls.Run<double>(kArgMax, x, RealColumn{5.0, 9.0, 3.0, 9.0}), 2);
  EXPECT_EQ(calls.Run<double>(kArgMin, x, RealColumn{0.0, -0.0, 3.0, 9.0}), 1)
      << "zeroes are equal";
  EXPECT_EQ(calls.Run<double>(kArgMax, x, RealColumn{1.0, kNan, HUGE_VAL, kNan}), 2);
  EXPECT_EQ(calls.Run<double>(kArgMin, x, RealColumn{kNan, HUGE_VAL, kNan, kNan}), 2);
}

TEST(AggregateArgTest, SkipsRowsOnWhichEitherIsNull) {
  CallRunner calls;
  const RealColumn x{1.0, std::nullopt, 3.0, 4.0};
  const IntegerColumn by{5, 1, 3, std::nullopt};
  EXPECT_EQ(calls.Run<double>(kArgMin, x, by), 3);
  EXPECT_EQ(calls.Run<double>(kArgMax, x, by), 1);
  EXPECT_EQ(calls.Run<double>(kArgMax, RealColumn{1.0}, IntegerColumn{std::nullopt}), std::nullopt);
}

TEST(AggregateArgTest, BothAreOfEveryType) {
  CallRunner calls;
  CodeColumn names = calls.Codes({"low", "high", "middle"});
  const std::optional<uint32_t> found =
      calls.Run<uint32_t>(kArgMax, names, RealColumn{1.0, 9.0, 5.0});
  EXPECT_EQ(found, calls.Code("high"));
  EXPECT_EQ(calls.Run<int64_t>(kArgMin, IntegerColumn{7, 8, 9}, names), 8) << "by text: high";
  EXPECT_EQ(calls.Run<uint8_t>(kArgMax, FlagColumn{0, 1, 0}, FlagColumn{0, 1, 1}), 1);
}

}  // namespace
}  // namespace metricstore::compute::vector
