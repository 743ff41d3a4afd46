// Aggregates of how often values occur, of products, and of the order of rows; DISTINCT.

#include <cmath>
#include <limits>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "compute_service/engine/vector/kernels/loops/reductions.h"
#include "tests/unit/compute/aggregate_call_fixture.h"
#include "tests/unit/compute/engine_fixture.h"

namespace metricstore::compute::vector {
namespace {

using enum expression::Function;
using expression::Function;

__extension__ typedef __float128 Wide;

const double kNan = std::numeric_limits<double>::quiet_NaN();

TEST(AggregateDistinctTest, CountsValuesOfEveryType) {
  CallRunner calls;
  EXPECT_EQ(calls.Run<int64_t>(kCountDistinct,
                               RealColumn{0.0, -0.0, 1.0, kNan, -kNan, std::nullopt, 1.0}),
            3)
      << "zeroes are one value and all NaN are one";
  EXPECT_EQ(calls.Run<int64_t>(kCountDistinct, IntegerColumn{0, INT64_MIN, INT64_MAX, 0}), 3);
  EXPECT_EQ(calls.Run<int64_t>(kCountDistinct, FlagColumn{0, std::nullopt, 0}), 1);
  EXPECT_EQ(calls.Run<int64_t>(kCountDistinct, FlagColumn{0, 1, 0}), 2);
  EXPECT_EQ(calls.Run<int64_t>(kCountDistinct, CodeColumn{0, 70'000, std::nullopt, 0}), 2);
  EXPECT_EQ(calls.Run<int64_t>(kCountDistinct, RealColumn{std::nullopt}), 0);
}

// Neighbouring keys and such as differ in their high bits only, over many buckets of one table.
TEST(AggregateDistinctTest, CountsEachBucketApart) {
  CallRunner calls;
  IntegerColumn values;
  std::vector<RowRange> ranges;
  for (size_t bucket = 0; bucket < 200; ++bucket) {
    const size_t begin = values.values.size();
    for (size_t i = 0; i < 3 * (bucket % 50) + 1; ++i) {
      const auto low = static_cast<int64_t>(i % (bucket % 50 + 1));
      values.Add(bucket % 2 == 0 ? low : low << 56);
    }
    ranges.push_back({begin, values.values.size()});
  }
  const AggregateCall call = calls.CallOf(kCountDistinct, &values);
  const auto counts = calls.RunRanges<int64_t>(call, ranges);
  for (size_t bucket = 0; bucket < 200; ++bucket) {
    EXPECT_EQ(counts[bucket], static_cast<int64_t>(bucket % 50 + 1)) << bucket;
  }
}

TEST(AggregateDistinctTest, CountsAMillionValues) {
  CallRunner calls;
  std::vector<double> values;
  for (int64_t i = 0; i < 1'000'000; ++i) values.push_back(static_cast<double>(i * 7919 % 250'000));
  EXPECT_EQ(calls.Run<int64_t>(kCountDistinct, RealColumn(values)), 250'000);
  EXPECT_EQ(calls.Distinct().Run<double>(kSum, RealColumn(values)), 249'999.0 * 250'000 / 2);
}

TEST(AggregateDistinctTest, EveryAggregateReadsEachValueWhereItComesFirst) {
  CallRunner calls;
  const RealColumn values{5.0, 1.0, 5.0, std::nullopt, 2.0, 1.0, 5.0};
  EXPECT_EQ(calls.Distinct().Run<double>(kSum, values), 8);
  EXPECT_EQ(calls.Distinct().Run<double>(kAvg, values), 8.0 / 3);
  EXPECT_EQ(calls.Distinct().Run<double>(kMedian, values), 2);
  EXPECT_EQ(calls.Distinct().Run<double>(kProduct, values), 10);
  EXPECT_DOUBLE_EQ(*calls.Distinct().Run<double>(kVarPop, values), 26.0 / 9);
  EXPECT_EQ(calls.Distinct().RunText(kArrayAgg, values), "[5,1,2]");
  EXPECT_EQ(calls.Distinct().Run<double>(kSum, IntegerColumn{3, 3, 4}), 7);
  EXPECT_EQ(calls.Distinct().Run<double>(kRegrSlope, RealColumn{1.0, 1.0, 3.0},
                                         RealColumn{1.0, 50.0, 2.0}),
            2)
      << "of pairs the first value decides";
}

TEST(AggregateSumTest, OfIntegersIsExact) {
  CallRunner calls;
  EXPECT_EQ(calls.Run<double>(kSum, IntegerColumn{INT64_MAX, INT64_MAX, -INT64_MAX}),
            static_cast<double>(INT64_MAX));
  EXPECT_EQ(calls.Run<double>(kSum, IntegerColumn{INT64_MIN, INT64_MIN}), -0x1p64);
  EXPECT_EQ(calls.Run<double>(kAvg, IntegerColumn{INT64_MAX, INT64_MAX, 1}),
            static_cast<double>(2 * static_cast<__int128>(INT64_MAX) + 1) / 3);
  EXPECT_EQ(calls.Run<double>(kSum, RealColumn{1.0, 1e100, 1.0, -1e100}), 2);
}

TEST(AggregateModeTest, IsTheMostFrequentAndOfSeveralTheFirst) {
  CallRunner calls;
  EXPECT_EQ(calls.Run<double>(kMode, RealColumn{3.0, 1.0, 2.0, 1.0}), 1);
  EXPECT_EQ(calls.Run<double>(kMode, RealColumn{3.0, 1.0, 2.0, 2.0, 1.0}), 1);
  EXPECT_EQ(calls.Run<double>(kMode, RealColumn{std::nullopt, std::nullopt, 4.0}), 4);
  EXPECT_EQ(calls.Run<int64_t>(kMode, IntegerColumn{7, 8, 8}), 8);
  EXPECT_EQ(calls.Run<uint8_t>(kMode, FlagColumn{0, 1, 1}), 1);
  EXPECT_EQ(calls.RunText(kMode, calls.Codes({"a", "b", "b", "a", "c"})), "a");
  EXPECT_EQ(calls.Run<double>(kMode, RealColumn{std::nullopt}), std::nullopt);
  const double zero = *calls.Run<double>(kMode, RealColumn{5.0, -0.0, 0.0});
  EXPECT_TRUE(zero == 0 && std::signbit(zero)) << "the value as it comes first";
}

TEST(AggregateEntropyTest, IsInBits) {
  CallRunner calls;
  EXPECT_EQ(calls.Run<double>(kEntropy, RealColumn{1.0, 2.0, 3.0, 4.0}), 2);
  EXPECT_EQ(calls.Run<double>(kEntropy, FlagColumn{0, 1}), 1);
  EXPECT_DOUBLE_EQ(*calls.Run<double>(kEntropy, IntegerColumn{1, 1, 1, 2}),
                   2 - 0.75 * std::log2(3));
  for (const size_t rows : {1, 3, 10, 999}) {
    EXPECT_EQ(calls.Run<double>(kEntropy, RealColumn(std::vector<double>(rows, 7))), 0);
  }
  EXPECT_DOUBLE_EQ(*calls.Run<double>(kEntropy, calls.Codes({"a", "b", "c"})), std::log2(3));
  EXPECT_EQ(calls.Run<double>(kEntropy, RealColumn{std::nullopt}), std::nullopt);
}

TEST(AggregateProductTest, IsExactWhereItFits) {
  CallRunner calls;
  EXPECT_EQ(calls.Run<double>(kProduct, RealColumn{2.0, std::nullopt, -3.0, 7.0}), -42);
  EXPECT_EQ(calls.Run<double>(kProduct, IntegerColumn{2, 3}), 6);
  EXPECT_EQ(calls.Run<double>(kProduct, RealColumn{std::nullopt}), std::nullopt);
  EXPECT_EQ(calls.Run<double>(kProduct, RealColumn{0x1p-1070, 0x1p1000, 0x1p-900, 0x1p970}), 1);
  // Too large on the way; and roundings that a plain product would add up.
  std::vector<double> tenths(1000, 1.1);
  tenths.insert(tenths.end(), 1000, 1 / 1.1);
  for (const std::vector<double>& values :
       {std::vector<double>{1e200, 1e200, 1e-200, -1e-200, 3}, tenths}) {
    Wide wanted = 1;
    for (const double value : values) wanted *= value;
    EXPECT_EQ(calls.Run<double>(kProduct, RealColumn(values)), static_cast<double>(wanted));
  }
}

TEST(AggregateProductTest, OfZeroAndOfWhatIsNotFiniteIsAsIfMultiplied) {
  CallRunner calls;
  EXPECT_EQ(calls.Run<double>(kProduct, RealColumn{1e300, 1e300, 0.0}), 0);
  EXPECT_EQ(calls.Run<double>(kProduct, RealColumn{-2.0, HUGE_VAL}), -HUGE_VAL);
  EXPECT_TRUE(std::isnan(*calls.Run<double>(kProduct, RealColumn{0.0, HUGE_VAL})));
  EXPECT_TRUE(std::isnan(*calls.Run<double>(kProduct, RealColumn{2.0, kNan})));
  EXPECT_EQ(calls.Run<double>(kProduct, RealColumn{1e300, -1e300}), -HUGE_VAL);
}

TEST(AggregateGeometricMeanTest, IsTheRootOfTheProduct) {
  CallRunner calls;
  EXPECT_DOUBLE_EQ(*calls.Run<double>(kGeometricMean, RealColumn{1.0, std::nullopt, 4.0}), 2);
  EXPECT_DOUBLE_EQ(*calls.Run<double>(kGeometricMean, RealColumn{2.0, 4.0, 8.0}), 4);
  EXPECT_DOUBLE_EQ(*calls.Run<double>(kGeometricMean, IntegerColumn{1, 9}), 3);
  EXPECT_DOUBLE_EQ(*calls.Run<double>(kGeometricMean, RealColumn{1e300, 1e300, 1e-300, 1e300}),
                   1e150);
  EXPECT_DOUBLE_EQ(*calls.Run<double>(kGeometricMean, RealColumn(std::vector<double>(10'000, 3.7))),
                   3.7);
  EXPECT_DOUBLE_EQ(
      *calls.Run<double>(kGeometricMean, RealColumn(std::vector<double>(999, 1.7e-300))), 1.7e-300);
}

TEST(AggregateGeometricMeanTest, IsNullOfValuesThatAreNotPositive) {
  CallRunner calls;
  EXPECT_EQ(calls.Run<double>(kGeometricMean, RealColumn{1.0, 0.0}), std::nullopt);
  EXPECT_EQ(calls.Run<double>(kGeometricMean, RealColumn{-1.0, -1.0}), std::nullopt);
  EXPECT_EQ(calls.Run<double>(kGeometricMean, RealColumn{std::nullopt}), std::nullopt);
  EXPECT_TRUE(std::isnan(*calls.Run<double>(kGeometricMean, RealColumn{1.0, kNan})));
  EXPECT_EQ(calls.Run<double>(kGeometricMean, RealColumn{1.0, HUGE_VAL}), HUGE_VAL);
}

TEST(AggregateDrawdownTest, IsTheDeepestFallFromTheGreatestSoFar) {
  CallRunner calls;
  EXPECT_EQ(calls.Run<double>(kMaxDrawdown, RealColumn{1.0, 2.0, 4.0}), 0);
  EXPECT_EQ(calls.Run<double>(kMaxDrawdown, RealColumn{2.0, 1.0, 4.0, 3.0}), 0.5);
  EXPECT_EQ(calls.Run<double>(kMaxDrawdown, RealColumn{4.0, 3.0, std::nullopt, 8.0, 2.0, 9.0}),
            0.75);
  EXPECT_EQ(calls.Run<double>(kMaxDrawdown, RealColumn{1.0, 8.0}), 0) << "a rise is none";
  EXPECT_EQ(calls.Run<double>(kMaxDrawdown, RealColumn{4.0, 0.0, -1.0, 3.0}), 0.25)
      << "of positive values";
  EXPECT_EQ(calls.Run<double>(kMaxDrawdown, RealColumn{0.0, std::nullopt}), std::nullopt);
  EXPECT_TRUE(std::isnan(*calls.Run<double>(kMaxDrawdown, RealColumn{4.0, kNan, 3.0})));
}

TEST(AggregateTwapTest, WeighsWithTheTimeToTheNextRow) {
  CallRunner calls;
  EXPECT_EQ(calls.Run<double>(kTwap, RealColumn{10.0, 20.0, 99.0}, IntegerColumn{0, 3, 4}), 12.5);
  EXPECT_EQ(calls.Run<double>(kTwap, RealColumn{7.0}, IntegerColumn{5}), 7) << "alone";
  EXPECT_EQ(calls.Run<double>(kTwap, RealColumn{10.0, std::nullopt, 99.0}, IntegerColumn{0, 3, 4}),
            10)
      << "a value lasts until the next that is not NULL";
  EXPECT_EQ(calls.Run<double>(kTwap, RealColumn{1.0, 2.0}, IntegerColumn{4, 4}), std::nullopt);
  EXPECT_EQ(calls.Run<double>(kTwap, RealColumn{std::nullopt}, IntegerColumn{4}), std::nullopt);
  // Instants of today, a minute apart.
  std::vector<double> values;
  std::vector<int64_t> times;
  for (int64_t i = 0; i < 391; ++i) {
    values.push_back(100.1);
    times.push_back(INT64_C(1'709'562'600'000'000) + i * 60'000'000);
  }
  EXPECT_DOUBLE_EQ(*calls.Run<double>(kTwap, RealColumn(values), IntegerColumn(times)), 100.1);
}

// A result must not depend on what lies around the bucket, nor on whether there is a mask.
TEST(AggregateCallsTest, GiveTheSameBitsWhereverTheRowsLie) {
  const uint64_t seed = TestSeed();
  SCOPED_TRACE("METRICSTORE_TEST_SEED=" + std::to_string(seed));
  std::mt19937_64 random(seed);
  CallRunner calls;
  std::vector<double> values(150);
  for (double& value : values) value = static_cast<double>(random() % 100'000) / 7 + 1;
  RealColumn alone(values);
  RealColumn among;
  for (int i = 0; i < 13; ++i) among.Add(std::nullopt);
  for (const double value : values) among.Add(value);
  among.Add(kNan);
  calls.With({.numbers = {0.3, 1e5, 10}, .texts = {}});
  for (const Function function :
       {kSum, kAvg, kVarSamp, kKurtosisSamp, kSkewnessPop, kMedian, kQuantileCont, kProduct,
        kGeometricMean, kEntropy, kMaxDrawdown, kMode}) {
    const auto first = calls.RunRanges<double>(calls.CallOf(function, &alone), {{0, 150}});
    const auto second = calls.RunRanges<double>(calls.CallOf(function, &among), {{13, 163}});
    EXPECT_EQ(first, second) << static_cast<int>(function);
  }
}

}  // namespace
}  // namespace metricstore::compute::vector
