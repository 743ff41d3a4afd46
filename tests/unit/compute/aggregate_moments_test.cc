// Moments of one column against exact values: computed with rational numbers from the very doubles,
// and at random in twice the digits.

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

// NIST's NumAcc3 and NumAcc4 are 1001 values around these means.
std::vector<double> NumAcc(double mean) {
  std::vector<double> values = {mean};
  for (int i = 0; i < 500; ++i) {
    values.push_back(mean - 0.1);
    values.push_back(mean + 0.1);
  }
  return values;
}

std::vector<double> Tenths(double offset) {
  std::vector<double> values;
  for (int k = 1; k < 10; ++k) values.push_back(offset + 0.1 * k);
  return values;
}

std::vector<double> Squares(double offset) {
  std::vector<double> values;
  for (int k = 0; k < 40; ++k) values.push_back(offset + 0.25 * k * k);
  return values;
}

const std::vector<double> kSmall = {2.5, -1.25, 7.0, 3.5, 0.125, 11.0, -4.0};

struct HardInput {
  std::string name;
  std::vector<double> values;
  std::map<Function, double> wanted;
};

// Wanted values are the exact ones of the doubles, not of the decimals they stand for.
const std::vector<HardInput>& HardInputs() {
  static const std::vector<HardInput> inputs = {
      {"NumAcc3",
       NumAcc(1'000'000.2),
       {{kAvg, 1000000.2},
        {kVarSamp, 0.009999999995343387},
        {kVarPop, 0.009990009985358029},
        {kStddevSamp, 0.09999999997671694},
        {kStddevPop, 0.09995003744550589},
        {kKurtosisPop, -1.999},
        {kKurtosisSamp, -2.003003003003003}}},
      {"NumAcc4",
       NumAcc(10'000'000.2),
       {{kAvg, 10000000.2},
        {kVarSamp, 0.009999999925494194},
        {kVarPop, 0.009990009915578616},
        {kStddevSamp, 0.09999999962747097},
        {kStddevPop, 0.09995003709643441},
        {kKurtosisPop, -1.999},
        {kKurtosisSamp, -2.003003003003003}}},
      {"tenths beside 1e7",
       Tenths(1e7),
       {{kAvg, 10000000.5},
        {kVarSamp, 0.07500000009313226},
        {kVarPop, 0.06666666674945089},
        {kStddevSamp, 0.2738612789226185},
        {kStddevPop, 0.2581988899074721},
        {kKurtosisPop, -1.2299999968707562},
        {kKurtosisSamp, -1.1999999940395356}}},
      {"tenths beside 1e12",
       Tenths(1e12),
       {{kAvg, 1000000000000.5},
        {kVarSamp, 0.07500610500574112},
        {kVarPop, 0.06667209333843654},
        {kStddevSamp, 0.27387242469029466},
        {kStddevPop, 0.25820939823801253},
        {kKurtosisPop, -1.229794913941036},
        {kKurtosisSamp, -1.1996093598876878}}},
      {"squares beside 1e12",
       Squares(1e12),
       {{kAvg, 1000000000128.375},
        {kVarSamp, 13900.708333333334},
        {kVarPop, 13553.190625},
        {kStddevSamp, 117.9012651897058},
        {kStddevPop, 116.41817136942153},
        {kSkewnessPop, 0.6512345374331853},
        {kSkewnessSamp, 0.6768869283489797},
        {kKurtosisPop, -0.8457200845903885},
        {kKurtosisSamp, -0.7953815186771204}}},
      {"seven values",
       kSmall,
       {{kAvg, 2.6964285714285716},
        {kVarSamp, 25.863839285714285},
        {kVarPop, 22.169005102040817},
        {kStddevSamp, 5.085650330657259},
        {kStddevPop, 4.708397296537413},
        {kSkewnessPop, 0.3749933918160299},
        {kSkewnessSamp, 0.48604698719523004},
        {kKurtosisPop, -0.8505825240845521},
        {kKurtosisSamp, -0.24139805780292503}}},
  };
  return inputs;
}

TEST(AggregateMomentsTest, HaveThirteenDigitsOnHardInputs) {
  CallRunner calls;
  for (const HardInput& input : HardInputs()) {
    for (const auto& [function, wanted] : input.wanted) {
      ExpectClose(calls.Run<double>(function, RealColumn(input.values)), wanted, kDigits13,
                  input.name + " function " + std::to_string(static_cast<int>(function)));
    }
  }
}

// The same through expressions, whose variance is made of shared sums.
TEST(AggregateMomentsTest, HaveThirteenDigitsInExpressions) {
  const std::map<Function, std::string> names = {{kAvg, "avg(a)"},
                                                 {kVarSamp, "var_samp(a)"},
                                                 {kVarPop, "var_pop(a)"},
                                                 {kStddevSamp, "stddev_samp(a)"},
                                                 {kStddevPop, "stddev_pop(a)"}};
  for (const HardInput& input : HardInputs()) {
    for (const auto& [function, name] : names) {
      const MetricPoints points = EvaluateOne(name, RowsOf(input.values));
      ASSERT_EQ(points.values.size(), 1u);
      ExpectClose(points.values[0], input.wanted.at(function), kDigits13, input.name + " " + name);
    }
  }
}

TEST(AggregateMomentsTest, OfSymmetricValuesHaveNoSkewness) {
  CallRunner calls;
  for (const std::vector<double>& values : {NumAcc(10'000'000.2), Tenths(1e12)}) {
    EXPECT_NEAR(*calls.Run<double>(kSkewnessPop, RealColumn(values)), 0, 1e-12);
    EXPECT_NEAR(*calls.Run<double>(kSkewnessSamp, RealColumn(values)), 0, 1e-12);
  }
}

TEST(AggregateMomentsTest, AreNullBelowTheirNumberOfValues) {
  CallRunner calls;
  const std::map<Function, size_t> least = {
      {kVarPop, 1},      {kStddevPop, 1},   {kVarSamp, 2},      {kStddevSamp, 2},
      {kSkewnessPop, 2}, {kKurtosisPop, 2}, {kSkewnessSamp, 3}, {kKurtosisSamp, 4},
  };
  for (const auto& [function, rows] : least) {
    RealColumn values{std::nullopt, std::nullopt};
    for (size_t i = 0; i <= rows; ++i) {
      const bool is_null = !calls.Run<double>(function, values).has_value();
      EXPECT_EQ(is_null, i < rows) << static_cast<int>(function) << " of " << i << " values";
      values.Add(static_cast<double>(i * i) + 0.5);
    }
  }
}

TEST(AggregateMomentsTest, WithoutSpreadAreExactlyZeroOrNull) {
  CallRunner calls;
  for (const double value : {0.1, -1e9 / 3, 1e300, 5e-324}) {
    for (const size_t rows : {4, 7, 777, 100'000}) {
      const std::vector<double> values(rows, value);
      for (const Function function : {kVarSamp, kVarPop, kStddevSamp, kStddevPop}) {
        EXPECT_EQ(calls.Run<double>(function, RealColumn(values)), 0.0) << value << " x " << rows;
      }
      for (const Function function : {kSkewnessSamp, kSkewnessPop, kKurtosisSamp, kKurtosisPop}) {
        EXPECT_EQ(calls.Run<double>(function, RealColumn(values)), std::nullopt) << value;
      }
    }
  }
  // Two values that differ in their last bit have spread, though little.
  const double one_up = std::nextafter(1.0, 2.0);
  const double half_step = (one_up - 1) / 2;
  EXPECT_EQ(calls.Run<double>(kVarPop, RealColumn{1.0, one_up}), half_step * half_step);
}

// Of values whose mean lies between two doubles, as far from both as it can.
TEST(AggregateMomentsTest, AreExactThoughTheMeanIsRounded) {
  CallRunner calls;
  const double offset = 0x1p52;
  const RealColumn y{offset, offset + 1, offset + 1, offset + 5};
  const RealColumn x{offset, offset + 2, offset + 1, offset + 7};
  EXPECT_DOUBLE_EQ(*calls.Run<double>(kVarPop, y), 14.75 / 4);
  EXPECT_DOUBLE_EQ(*calls.Run<double>(kCovarPop, y, x), 20.5 / 4);
  EXPECT_DOUBLE_EQ(*calls.Run<double>(kRegrSlope, y, x), 20.5 / 29);
  EXPECT_DOUBLE_EQ(*calls.Run<double>(kCorr, y, x), 20.5 / std::sqrt(29 * 14.75));
}

TEST(AggregateMomentsTest, OfHugeEqualValuesBesideNullAreZero) {
  std::vector<double> values(8, 1e300);
  values[0] = 0;
  columns::ColumnBatch rows = RowsOf(values);
  rows.columns[1].validity.SetNull(0, 8);
  const MetricPoints points = EvaluateOne("var_pop(a)", rows);
  EXPECT_EQ(points.statuses.at(0), PointStatus::kOk);
  EXPECT_EQ(points.values.at(0), 0);
}

TEST(AggregateMomentsTest, ReadNullsAsIfTheyWereNotThere) {
  CallRunner calls;
  RealColumn with_nulls;
  for (const double value : kSmall) {
    with_nulls.Add(value);
    with_nulls.Add(std::nullopt);
  }
  for (const Function function : {kVarSamp, kStddevPop, kSkewnessSamp, kKurtosisSamp}) {
    EXPECT_EQ(calls.Run<double>(function, with_nulls),
              calls.Run<double>(function, RealColumn(kSmall)));
  }
}

TEST(AggregateMomentsTest, OfInfinityAreNotANumber) {
  CallRunner calls;
  const RealColumn values{1.0, HUGE_VAL, 2.0, 3.0, 4.0};
  for (const Function function : {kVarSamp, kSkewnessSamp, kKurtosisPop}) {
    const std::optional<double> found = calls.Run<double>(function, values);
    ASSERT_TRUE(found.has_value());
    EXPECT_FALSE(std::isfinite(*found));
  }
}

struct WideMoments {
  Wide count = 0, mean = 0, second = 0, third = 0, fourth = 0;

  explicit WideMoments(const std::vector<double>& values) {
    count = static_cast<Wide>(values.size());
    for (const double value : values) mean += value;
    mean /= count;
    for (const double value : values) {
      const Wide d = value - mean;
      second += d * d;
      third += d * d * d;
      fourth += d * d * d * d;
    }
  }
  double Of(Function function) const {
    const Wide m2 = second / count;
    switch (function) {
      case kAvg:
        return static_cast<double>(mean);
      case kVarSamp:
        return static_cast<double>(second / (count - 1));
      case kStddevSamp:
        return static_cast<double>(RootOf(second / (count - 1)));
      case kStddevPop:
        return static_cast<double>(RootOf(m2));
      case kSkewnessPop:
        return static_cast<double>(third / count / (m2 * RootOf(m2)));
      case kSkewnessSamp:
        return static_cast<double>(third / count / (m2 * RootOf(m2)) * RootOf(count * (count - 1)) /
                                   (count - 2));
      case kKurtosisPop:
        return static_cast<double>(fourth / count / (m2 * m2) - 3);
      default:  // kKurtosisSamp
        return static_cast<double>((count - 1) / ((count - 2) * (count - 3)) *
                                   ((count + 1) * (fourth / count / (m2 * m2) - 3) + 6));
    }
  }
};

TEST(AggregateMomentsTest, AgreeWithWideArithmeticAtRandom) {
  const uint64_t seed = TestSeed();
  SCOPED_TRACE("METRICSTORE_TEST_SEED=" + std::to_string(seed));
  std::mt19937_64 random(seed);
  CallRunner calls;
  for (int round = 0; round < 300; ++round) {
    const double offset = std::vector<double>{0, 1e3, -1e7, 1e12}[random() % 4];
    const double scale = std::vector<double>{1, 1e-3, 1e6}[random() % 3];
    std::vector<double> values(4 + random() % 300);
    for (double& value : values) {
      const double share = static_cast<double>(random() >> 11) * 0x1p-53;
      value = offset + scale * share * share;
    }
    if (values.front() == values.back()) continue;  // perhaps without spread
    const WideMoments wanted(values);
    for (const Function function : {kAvg, kVarSamp, kStddevSamp, kStddevPop}) {
      ExpectClose(calls.Run<double>(function, RealColumn(values)), wanted.Of(function), kDigits13,
                  std::to_string(static_cast<int>(function)));
    }
    // Near zero there is nothing to be relative to.
    for (const Function function : {kSkewnessPop, kSkewnessSamp, kKurtosisPop, kKurtosisSamp}) {
      const double exact = wanted.Of(function);
      ASSERT_NEAR(*calls.Run<double>(function, RealColumn(values)), exact,
                  1e-11 * (1 + std::abs(exact)));
    }
  }
}

}  // namespace
}  // namespace metricstore::compute::vector
