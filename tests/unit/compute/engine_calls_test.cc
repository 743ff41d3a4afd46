// Aggregates from expression to point: each reaches its kernel with its arguments and parameters.

#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "tests/unit/compute/aggregate_call_fixture.h"
#include "tests/unit/compute/engine_fixture.h"

namespace metricstore::compute::vector {
namespace {

using columns::Column;
using columns::ColumnBatch;
using columns::ColumnType;
using ::testing::Each;
using ::testing::ElementsAre;
using enum expression::Function;
using expression::Function;

// Eight rows, one a microsecond; each column but n has a NULL.
ColumnBatch EightRows() {
  ColumnBatch rows = RowsOf({1, 2, 0, 4, 5, 4, 8, 2});
  rows.columns[1].validity.SetNull(2, 8);
  Column b{.name = "b", .type = ColumnType::kFloat64, .float64 = {2, 1, 3, 4, 0, 5, 1, 2}};
  b.validity.SetNull(4, 8);
  Column n{.name = "n", .type = ColumnType::kInt64, .int64 = {1, 1, 2, 3, 5, 8, 13, 21}};
  Column side{.name = "side", .type = ColumnType::kText};
  side.dictionary = {"S", "B"};
  side.codes = {1, 0, 1, 0, 0, 0, 1, 1};
  side.validity.SetNull(3, 8);
  Column flag{.name = "flag", .type = ColumnType::kBool, .boolean = {1, 0, 1, 1, 0, 0, 1, 1}};
  flag.validity.SetNull(4, 8);
  Column day{.name = "day", .type = ColumnType::kDate, .date = {7, 6, 0, 5, 5, 5, 5, 6}};
  day.validity.SetNull(2, 8);
  for (Column* column : {&b, &n, &side, &flag, &day}) rows.columns.push_back(std::move(*column));
  return rows;
}

TEST(EngineCallsTest, GiveNumbers) {
  const std::map<std::string, double> wanted = {
      {"count(DISTINCT a)", 5},
      {"count(DISTINCT side)", 2},
      {"sum(DISTINCT a)", 20},
      {"avg(DISTINCT a)", 4},
      {"sum(DISTINCT n)", 53},
      {"var_pop(DISTINCT a)", 6},
      {"median(a)", 4},
      {"median(DISTINCT n)", 5},
      {"median(a) FILTER (WHERE flag)", 3},
      {"quantile_cont(a, 0.25)", 2},
      {"quantile_cont(a, 0.75)", 4.5},
      {"percentile_cont(0.75) WITHIN GROUP (ORDER BY a)", 4.5},
      {"quantile_disc(a, 0.75)", 5},
      {"percentile_disc(0.75) WITHIN GROUP (ORDER BY n)", 8},
      {"mode(a)", 2},
      {"mode(n)", 1},
      {"bool_and(flag)", 0},
      {"bool_or(flag)", 1},
      {"bool_and(n > 0)", 1},
      {"bool_or(n < 0)", 0},
      {"product(a)", 2560},
      {"product(DISTINCT b)", 120},
      {"geometric_mean(b)", std::pow(240, 1.0 / 7)},
      {"entropy(flag)", 5.0 / 7 * std::log2(7.0 / 5) + 2.0 / 7 * std::log2(7.0 / 2)},
      {"arg_min(n, a)", 1},
      {"arg_max(n, a)", 13},
      {"arg_max(a, n)", 2},
      {"arg_min(a, day)", 4},
      {"arg_min(n, side)", 1},
      {"max_drawdown(a)", 0.75},
      {"twap(a)", 26.0 / 7},
      {"regr_count(a, b)", 6},
      {"regr_slope(3 * n - 1, n)", 3},
      {"regr_intercept(3 * n - 1, n)", -1},
      {"regr_r2(3 * n - 1, n)", 1},
      {"corr(-n, n)", -1},
      {"covar_pop(2 * n, n) / var_pop(n)", 2},
      {"covar_samp(n, n) / var_samp(n)", 1},
      {"vwap(a, n)", (1 + 2 + 12 + 25 + 32 + 104 + 42) / 52.0},
      {"realized_volatility(b) ^ 2 - ln(2) ^ 2 * 2 - ln(3) ^ 2 - ln(4 / 3) ^ 2 - ln(5 / 4) ^ 2 - "
       "ln(5) ^ 2",
       0},
      {"zscore_pop(n) * stddev_pop(n)", 21 - 54.0 / 8},
      {"any_value(a) FILTER (WHERE a > 1)", 2},
      {"length(string_agg(side, ', '))", 19},
  };
  const ColumnBatch rows = EightRows();
  for (const auto& [expression, value] : wanted) {
    const MetricPoints points = EvaluateOne(expression, rows);
    ASSERT_EQ(points.values.size(), 1u) << expression;
    EXPECT_THAT(points.statuses, Each(PointStatus::kOk)) << expression;
    EXPECT_NEAR(points.values[0], value, 1e-14 * std::max(1.0, std::abs(value))) << expression;
  }
}

TEST(EngineCallsTest, GiveTextsAndLists) {
  const std::map<std::string, std::string> wanted = {
      {"min(side)", "B"},
      {"max(side)", "S"},
      {"first(side) FILTER (WHERE n > 2)", "S"},
      {"mode(side)", "B"},
      {"arg_max(side, a)", "B"},
      {"arg_min(side, b)", "S"},
      {"string_agg(side, ',')", "B,S,B,S,S,B,B"},
      {"string_agg(DISTINCT side, ' - ')", "B - S"},
      {"array_agg(a)", "[1,2,4,5,4,8,2]"},
      {"array_agg(DISTINCT a)", "[1,2,4,5,8]"},
      {"array_agg(n) FILTER (WHERE flag)", "[1,2,3,13,21]"},
      {"array_agg(a / 3) FILTER (WHERE n < 3)", "[0.3333333333333333,0.6666666666666666]"},
      {"top_k(a, 2)", "[8,5]"},
      {"top_k(n, 3)", "[21,13,8]"},
      {"bottom_k(a, 3)", "[1,2,2]"},
      {"bottom_k(DISTINCT a, 3)", "[1,2,4]"},
      {"histogram(a, 0, 8, 4)", "[1,2,3,1]"},
      {"histogram(n, -1.5, 4.5, 2)", "[2,2]"},
  };
  const ColumnBatch rows = EightRows();
  for (const auto& [expression, text] : wanted) {
    const MetricPoints points = EvaluateOne(expression, rows);
    EXPECT_THAT(points.statuses, ElementsAre(PointStatus::kOk)) << expression;
    EXPECT_THAT(points.values, ElementsAre(0)) << expression;
    EXPECT_THAT(points.texts, ElementsAre(text)) << expression;
  }
}

TEST(EngineCallsTest, MomentsReachTheirKernels) {
  const std::map<std::string, Function> functions = {{"skewness_samp", kSkewnessSamp},
                                                     {"skewness_pop", kSkewnessPop},
                                                     {"kurtosis_samp", kKurtosisSamp},
                                                     {"kurtosis_pop", kKurtosisPop}};
  CallRunner calls;
  const RealColumn a{1.0, 2.0, 4.0, 5.0, 4.0, 8.0, 2.0};
  for (const auto& [name, function] : functions) {
    EXPECT_THAT(EvaluateOne(name + "(a)", EightRows()).values,
                ElementsAre(*calls.Run<double>(function, a)))
        << name;
  }
}

TEST(EngineCallsTest, AreNullWithoutValuesButCounts) {
  const ColumnBatch rows = EightRows();
  for (const std::string metric :
       {"median(a)", "sum(DISTINCT a)", "mode(side)", "product(a)", "entropy(a)", "min(side)",
        "array_agg(a)", "string_agg(side, '')", "top_k(a, 1)", "histogram(a, 0, 1, 2)",
        "arg_min(a, n)", "corr(a, b)", "skewness_pop(a)", "max_drawdown(a)", "twap(a)",
        "bool_and(flag)", "quantile_disc(n, 0.5)", "vwap(a, b)", "zscore_samp(a)"}) {
    EXPECT_THAT(EvaluateOne(metric + " FILTER (WHERE n > 99)", rows).statuses,
                ElementsAre(PointStatus::kNull))
        << metric;
  }
  EXPECT_THAT(EvaluateOne("count(DISTINCT a) FILTER (WHERE n > 99)", rows).statuses,
              ElementsAre(PointStatus::kOk));
  EXPECT_THAT(EvaluateOne("regr_count(a, b) FILTER (WHERE n > 99)", rows).statuses,
              ElementsAre(PointStatus::kOk));
}

TEST(EngineCallsTest, AListOfWhatIsNotFiniteOrTooLargeHasNoText) {
  const MetricPoints infinite = EvaluateOne("array_agg(exp(a * 1000))", EightRows());
  EXPECT_THAT(infinite.statuses, ElementsAre(PointStatus::kNotFinite));
  EXPECT_THAT(infinite.texts, ElementsAre(""));
  const MetricPoints large = EvaluateOne("array_agg(a)", RowsOf(std::vector<double>(40'000, 1)));
  EXPECT_THAT(large.statuses, ElementsAre(PointStatus::kTooLarge));
  EXPECT_THAT(large.texts, ElementsAre(""));
}

// Windows that share rows: one slice a row, shown by each window that reaches to it.
TEST(EngineCallsTest, GiveTheSameForWindowsThatOverlap) {
  std::vector<Micros> slices;
  std::vector<Micros> stretches;
  std::vector<std::vector<Micros>> apart;
  for (int64_t end = 1; end <= 8; ++end) {
    slices.push_back({end - 1, end});
    stretches.push_back({std::max<int64_t>(0, end - 5), end});
    apart.push_back({stretches.back()});
  }
  const ColumnBatch rows = EightRows();
  for (const std::string metric :
       {"median(a)", "mode(n)", "quantile_cont(a, 0.3)", "quantile_disc(n, 0.3)", "product(a)",
        "entropy(side)", "arg_max(n, a)", "corr(a, n)", "skewness_pop(n)", "kurtosis_samp(n)",
        "max_drawdown(a)", "twap(a)", "sum(DISTINCT a)", "count(DISTINCT side)", "bool_and(flag)",
        "bool_or(n = 3)", "geometric_mean(a)", "realized_volatility(n)", "corr(delta(n), a)"}) {
    const MetricPoints wanted = EvaluateAll({MakeTask(metric, MakeBuckets(apart))}, rows)[0];
    // Each bucket apart is one of its own evaluation, so none of them overlaps another.
    std::vector<double> values;
    std::vector<PointStatus> statuses;
    for (const std::vector<Micros>& bucket : apart) {
      const MetricPoints one = EvaluateAll({MakeTask(metric, MakeBuckets({bucket}))}, rows)[0];
      values.push_back(one.values.at(0));
      statuses.push_back(one.statuses.at(0));
    }
    const MetricPoints shared =
        EvaluateAll({MakeTask(metric, MakeReaching(slices, stretches))}, rows)[0];
    ASSERT_EQ(shared.values.size(), values.size()) << metric;
    for (size_t i = 0; i < values.size(); ++i) {
      EXPECT_DOUBLE_EQ(shared.values[i], values[i]) << metric << " bucket " << i;
      EXPECT_EQ(shared.statuses[i], statuses[i]) << metric << " bucket " << i;
    }
    EXPECT_EQ(wanted.values, values) << metric << ", whose buckets are computed in one run";
  }
  const MetricPoints lists =
      EvaluateAll({MakeTask("array_agg(a)", MakeReaching(slices, stretches))}, rows)[0];
  EXPECT_THAT(lists.texts, ElementsAre("[1]", "[1,2]", "[1,2]", "[1,2,4]", "[1,2,4,5]", "[2,4,5,4]",
                                       "[4,5,4,8]", "[4,5,4,8,2]"));
}

TEST(EngineCallsTest, EqualValuesHaveNoVarianceHoweverWindowsOverlap) {
  std::vector<Micros> slices;
  std::vector<Micros> stretches;
  for (int64_t end = 100; end <= 3000; end += 100) {
    slices.push_back({end - 100, end});
    stretches.push_back({std::max<int64_t>(0, end - 1500), end});
  }
  const ColumnBatch rows = RowsOf(std::vector<double>(3000, 0.1));
  for (const std::string metric : {"var_pop(a)", "stddev_samp(a)", "var_samp(a / 3)"}) {
    const MetricPoints points =
        EvaluateAll({MakeTask(metric, MakeReaching(slices, stretches))}, rows)[0];
    EXPECT_EQ(points.values, std::vector<double>(30, 0)) << metric;
  }
}

}  // namespace
}  // namespace metricstore::compute::vector
