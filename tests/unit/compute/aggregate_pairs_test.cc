// Covariances, correlations and regressions of pairs of columns against exact values, and at random
// in twice the digits.

#include <cmath>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "tests/unit/compute/aggregate_call_fixture.h"
#include "tests/unit/compute/engine_fixture.h"
#include "tests/unit/compute/wide_arithmetic.h"

namespace metricstore::compute::vector {
namespace {

using enum expression::Function;
using expression::Function;

const std::vector<double> kY = {3.0, 5.5, 2.25, 8.0, 13.5, 9.75};
const std::vector<double> kX = {1.0, 2.0, 0.5, 4.0, 7.0, 3.25};

std::vector<double> Shifted(std::vector<double> values, double offset) {
  for (double& value : values) value += offset;
  return values;
}

TEST(AggregatePairsTest, HaveThirteenDigits) {
  const std::map<Function, double> wanted = {{kCovarSamp, 9.8125},
                                             {kCovarPop, 8.177083333333334},
                                             {kCorr, 0.963459531525622},
                                             {kRegrSlope, 1.7335296282664703},
                                             {kRegrR2, 0.9282542688875711}};
  CallRunner calls;
  for (const auto& [function, value] : wanted) {
    const std::string name = std::to_string(static_cast<int>(function));
    ExpectClose(calls.Run<double>(function, RealColumn(kY), RealColumn(kX)), value, kDigits13,
                name);
    ExpectClose(
        calls.Run<double>(function, RealColumn(Shifted(kY, 1e7)), RealColumn(Shifted(kX, 1e9))),
        value, kDigits13, name + " beside large means");
  }
  ExpectClose(calls.Run<double>(kRegrIntercept, RealColumn(kY), RealColumn(kX)), 1.8716415163783584,
              kDigits13, "intercept");
  ExpectClose(
      calls.Run<double>(kRegrIntercept, RealColumn(Shifted(kY, 1e7)), RealColumn(Shifted(kX, 1e9))),
      -1723529626.3948288, kDigits13, "intercept beside large means");
}

TEST(AggregatePairsTest, TakeYFirst) {
  CallRunner calls;
  // y = 3x - 1: x = (y + 1) / 3.
  EXPECT_EQ(calls.Run<double>(kRegrSlope, RealColumn{2.0, 5.0, 8.0}, RealColumn{1.0, 2.0, 3.0}), 3);
  EXPECT_EQ(calls.Run<double>(kRegrIntercept, RealColumn{2.0, 5.0, 8.0}, RealColumn{1.0, 2.0, 3.0}),
            -1);
}

TEST(AggregatePairsTest, SkipRowsOnWhichEitherIsNull) {
  CallRunner calls;
  const RealColumn y{1.0, std::nullopt, 3.0, 9.0, 5.0};
  const RealColumn x{2.0, 100.0, 4.0, std::nullopt, 6.0};
  EXPECT_EQ(calls.Run<double>(kRegrSlope, y, x), 1);
  EXPECT_EQ(calls.Run<double>(kRegrIntercept, y, x), -1);
  EXPECT_EQ(calls.Run<double>(kCorr, y, x), 1);
  EXPECT_EQ(calls.Run<double>(kCovarSamp, y, x), 4);
  EXPECT_EQ(calls.Run<double>(kCovarPop, y, x), 8.0 / 3);
}

TEST(AggregatePairsTest, WithoutPairsAreNull) {
  CallRunner calls;
  const RealColumn y{1.0, std::nullopt};
  const RealColumn x{std::nullopt, 2.0};
  for (const Function function :
       {kCovarSamp, kCovarPop, kCorr, kRegrSlope, kRegrIntercept, kRegrR2}) {
    EXPECT_EQ(calls.Run<double>(function, y, x), std::nullopt);
  }
  EXPECT_EQ(calls.Run<double>(kCovarPop, RealColumn{4.0}, RealColumn{2.0}), 0);
  EXPECT_EQ(calls.Run<double>(kCovarSamp, RealColumn{4.0}, RealColumn{2.0}), std::nullopt);
}

TEST(AggregatePairsTest, WithoutSpreadAreNullWhereTheyDivideByIt) {
  CallRunner calls;
  const RealColumn flat(std::vector<double>(777, 0.1));
  std::vector<double> rising_values(777);
  for (size_t i = 0; i < rising_values.size(); ++i) rising_values[i] = static_cast<double>(i) / 7;
  const RealColumn rising(rising_values);
  for (const Function function : {kCorr, kRegrSlope, kRegrIntercept, kRegrR2}) {
    EXPECT_EQ(calls.Run<double>(function, rising, flat), std::nullopt);
  }
  EXPECT_EQ(calls.Run<double>(kCorr, flat, rising), std::nullopt);
  EXPECT_EQ(calls.Run<double>(kRegrR2, flat, rising), 1);
  EXPECT_NEAR(*calls.Run<double>(kRegrSlope, flat, rising), 0, 1e-15);
  EXPECT_NEAR(*calls.Run<double>(kRegrIntercept, flat, rising), 0.1, 1e-15);
  // Their mean is a rounding away from them, whose square overflows.
  const RealColumn huge(std::vector<double>(3, 3.3e190));
  const RealColumn small{1.0, 2.0, 4.0};
  EXPECT_EQ(calls.Run<double>(kCorr, huge, small), std::nullopt);
  EXPECT_EQ(calls.Run<double>(kCorr, small, huge), std::nullopt);
  EXPECT_EQ(calls.Run<double>(kRegrR2, huge, small), 1);
}

TEST(AggregatePairsTest, SquaresThatOverflowAreNotFinite) {
  CallRunner calls;
  const RealColumn huge{1e200, 2e200, 4e200};
  const RealColumn small{1.0, 2.0, 3.0};
  for (const Function function : {kCorr, kRegrSlope, kRegrIntercept, kRegrR2}) {
    EXPECT_TRUE(std::isnan(*calls.Run<double>(function, small, huge)));
  }
  EXPECT_TRUE(std::isnan(*calls.Run<double>(kCorr, huge, small)));
  EXPECT_TRUE(std::isnan(*calls.Run<double>(kRegrR2, huge, small)));
  EXPECT_DOUBLE_EQ(*calls.Run<double>(kRegrSlope, huge, small), 1.5e200);
}

TEST(AggregatePairsTest, CorrelationStaysBetweenItsBounds) {
  CallRunner calls;
  for (int round = 1; round < 500; ++round) {
    RealColumn x;
    RealColumn rising;
    RealColumn falling;
    for (int i = 0; i < 20; ++i) {
      const double value = 0.1 * i * i + round;
      x.Add(value);
      rising.Add(value * (0.3 + round));
      falling.Add(value * -1.7);
    }
    const double most = *calls.Run<double>(kCorr, rising, x);
    const double least = *calls.Run<double>(kCorr, falling, x);
    ASSERT_TRUE(most <= 1 && most > 1 - 1e-14) << round;
    ASSERT_TRUE(least >= -1 && least < -1 + 1e-14) << round;
  }
}

TEST(AggregatePairsTest, AgreeWithWideArithmeticAtRandom) {
  const uint64_t seed = TestSeed();
  SCOPED_TRACE("METRICSTORE_TEST_SEED=" + std::to_string(seed));
  std::mt19937_64 random(seed);
  CallRunner calls;
  for (int round = 0; round < 200; ++round) {
    const double offset = std::vector<double>{0, 1e5, -1e9}[random() % 3];
    const size_t rows = 3 + random() % 200;
    std::vector<double> y;
    std::vector<double> x;
    for (size_t i = 0; i < rows; ++i) {
      x.push_back(offset + static_cast<double>(random() % 100'000) / 64);
      y.push_back(x.back() / 3 + static_cast<double>(random() % 100'000) / 64);
    }
    Wide mean_y = 0, mean_x = 0, squares_y = 0, squares_x = 0, products = 0;
    for (size_t i = 0; i < rows; ++i) {
      mean_y += y[i] / static_cast<Wide>(rows);
      mean_x += x[i] / static_cast<Wide>(rows);
    }
    for (size_t i = 0; i < rows; ++i) {
      squares_y += (y[i] - mean_y) * (y[i] - mean_y);
      squares_x += (x[i] - mean_x) * (x[i] - mean_x);
      products += (y[i] - mean_y) * (x[i] - mean_x);
    }
    const Wide correlation = products / RootOf(squares_x * squares_y);
    // Relative to what the products could be, for correlations near zero.
    const auto scale = 1e-13 / std::abs(static_cast<double>(correlation));
    const auto expect = [&](Function function, Wide wanted) {
      ExpectClose(calls.Run<double>(function, RealColumn(y), RealColumn(x)),
                  static_cast<double>(wanted), scale, std::to_string(static_cast<int>(function)));
    };
    expect(kCovarSamp, products / static_cast<Wide>(rows - 1));
    expect(kCovarPop, products / static_cast<Wide>(rows));
    expect(kCorr, correlation);
    expect(kRegrSlope, products / squares_x);
    expect(kRegrR2, correlation * correlation);
  }
}

}  // namespace
}  // namespace metricstore::compute::vector
