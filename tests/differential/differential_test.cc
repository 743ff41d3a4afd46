// Every function of the language, alone and in random expressions over random slices, gives what
// DuckDB gives.

#include <random>
#include <set>
#include <string>
#include <vector>

#include "common/expression/catalog/function_catalog.h"
#include "gtest/gtest.h"
#include "tests/differential/comparison.h"
#include "tests/differential/random_expressions.h"
#include "tests/differential/random_rows.h"
#include "tests/differential/rounds.h"
#include "tests/differential/samples.h"

namespace metricstore::differential {
namespace {

using columns::ColumnBatch;
using expression::Function;

TEST(DifferentialTest, EveryFunctionHasASample) {
  std::set<Function> sampled;
  for (const Sample& sample : Samples()) sampled.insert(sample.function);
  for (const auto& specs : {expression::Functions(), expression::Operators()}) {
    for (const expression::FunctionSpec& spec : specs) {
      // Nobody writes the one; the other has no rows.
      if (spec.function == Function::kToFloat64 || spec.function == Function::kMetric) continue;
      EXPECT_TRUE(sampled.contains(spec.function)) << spec.name;
    }
  }
}

TEST(DifferentialTest, EveryFunctionAgrees) {
  std::mt19937_64 random(Seed());
  RandomExpressions expressions(Seed());
  Comparison comparison;
  for (const Shape& shape : Shapes()) {
    const ColumnBatch rows = RandomRows(shape.traits, random);
    std::vector<std::string> metrics;
    for (const Sample& sample : Samples()) metrics.push_back(expressions.MetricWith(sample, 1));
    comparison.Run(LabelOf(Seed(), shape), rows, shape.begin, shape.end, metrics);
  }
  ExpectMostlyEqual(comparison);
}

TEST(DifferentialTest, RandomExpressionsAgree) {
  Comparison comparison;
  const std::vector<Shape> shapes = Shapes();
  for (size_t batch = 0; batch < Batches(); ++batch) {
    const uint64_t seed = Seed() + batch;
    std::mt19937_64 random(seed);
    RandomExpressions expressions(seed);
    const Shape& shape = shapes[batch % shapes.size()];
    const ColumnBatch rows = RandomRows(shape.traits, random);
    std::vector<std::string> metrics;
    for (int i = 0; i < 60; ++i) metrics.push_back(expressions.Metric(2 + i % 3));
    const bool filtered = batch % 3 == 1;
    comparison.Run(
        LabelOf(seed, shape), rows, shape.begin, shape.end, metrics,
        filtered ? std::vector<std::string>{"n > 0", "s <> 'ab'"} : std::vector<std::string>{});
  }
  ExpectMostlyEqual(comparison);
}

// Aggregates that order, count and pick are exact whatever the magnitudes are.
TEST(DifferentialTest, ExtremeMagnitudesAgree) {
  std::mt19937_64 random(Seed());
  Comparison comparison;
  for (const Shape& shape : Shapes()) {
    const ColumnBatch rows = RandomRows(shape.traits, random);
    comparison.Run(LabelOf(Seed(), shape), rows, shape.begin, shape.end,
                   {"sum(x)",
                    "min(x)",
                    "max(x)",
                    "first(x)",
                    "last(x)",
                    "median(x)",
                    "mode(x)",
                    "quantile_disc(x, 0.3)",
                    "quantile_cont(x, 0.3)",
                    "count(DISTINCT x)",
                    "top_k(x, 3)",
                    "bottom_k(x, 2)",
                    "arg_max(n, x)",
                    "max_drawdown(abs(x))",
                    "avg(x)",
                    "sum(x * 1e-300)",
                    "sum(sign(x))",
                    "last(cum_max(x))",
                    "sum(x) FILTER (WHERE x > 0)",
                    "array_agg(x)",
                    "sum(ln(abs(x)))",
                    "geometric_mean(abs(x))",
                    "geometric_mean(abs(tiny))",
                    "stddev_samp(x)",
                    "var_pop(x * 1e-180)",
                    "skewness_pop(x)",
                    "kurtosis_samp(x)",
                    "covar_pop(x, a)",
                    "covar_samp(a, tiny)",
                    "corr(x * 1e-180, a)",
                    "corr(a * 0 + 3.3e190, b)",
                    "regr_r2(a * 0 + 3.3e190, b)",
                    "regr_slope(a, x * 1e-180)",
                    "regr_count(x, tiny)",
                    "last(cum_sum(x))",
                    "array_agg(cum_sum(x))",
                    "array_agg(cum_min(x))",
                    "array_agg(delta(x))",
                    "array_agg(log_return(abs(x)))",
                    "last(ewma(x, 0.5))",
                    "vwap(a, abs(x))",
                    "twap(x)",
                    "sum(tiny)",
                    "avg(tiny)",
                    "min(tiny)",
                    "max(abs(tiny))",
                    "count(DISTINCT tiny)",
                    "array_agg(tiny)",
                    "sum(tiny * 1e300)",
                    "sum(tiny * x)",
                    "sum(tiny / x)",
                    "sum(x / tiny)",
                    "median(tiny)",
                    "stddev_pop(tiny)",
                    "max_drawdown(abs(tiny))",
                    "string_agg(CAST(tiny AS text), ',')",
                    "string_agg(CAST(x AS text), ',')",
                    "array_agg(CAST(x AS bigint))",
                    "histogram(x, -1e300, 1e300, 5)"});
  }
  ExpectMostlyEqual(comparison);
}

TEST(DifferentialTest, LargeIntegersAgreeToTheDigit) {
  std::mt19937_64 random(Seed());
  Comparison comparison;
  for (const Shape& shape : Shapes()) {
    const ColumnBatch rows = RandomRows(shape.traits, random);
    comparison.Run(LabelOf(Seed(), shape), rows, shape.begin, shape.end,
                   {"min(big)",
                    "max(big)",
                    "first(big)",
                    "last(big)",
                    "mode(big)",
                    "arg_max(big, a)",
                    "arg_min(n, big)",
                    "count(DISTINCT big)",
                    "array_agg(big)",
                    "top_k(big, 2)",
                    "sum(big)",
                    "avg(big)",
                    "any_value(big)",
                    "max(big % 1000007)",
                    "max(abs(big))",
                    "string_agg(CAST(big AS text), ',')",
                    "last(lag(big))",
                    "array_agg(big + big)",
                    "array_agg(big - n)",
                    "array_agg(n - big)",
                    "array_agg(big * m)",
                    "array_agg(- big)",
                    "array_agg(abs(big))",
                    "array_agg(sign(big))",
                    "array_agg(big % (-1))",
                    "array_agg(big % m)",
                    "array_agg(delta(big))",
                    "array_agg(cum_max(big))",
                    "array_agg(cum_min(big))",
                    "array_agg(big / m)",
                    "array_agg(round(big, -3))",
                    "array_agg(CAST(big AS double precision))",
                    "array_agg(big + 0.5)",
                    "array_agg(CAST(CAST(big AS double precision) AS bigint))",
                    "count(*) FILTER (WHERE big > 9007199254740993)",
                    "sum(DISTINCT big)",
                    "quantile_disc(big, 0.5)",
                    "bottom_k(big, 3)",
                    "median(big)",
                    "array_agg(CAST(CAST(big AS text) AS bigint))",
                    "max(greatest(big, n))",
                    "min(least(big, n))",
                    "array_agg(coalesce(big, n))",
                    "count(*) FILTER (WHERE big = x)"});
  }
  ExpectMostlyEqual(comparison);
}

// NaN is greater than every number and equals itself; what it does to sums is the processor's.
TEST(DifferentialTest, NotFiniteValuesAgree) {
  std::mt19937_64 random(Seed());
  Comparison comparison;
  for (Shape shape : Shapes()) {
    shape.traits.not_finite = true;
    const ColumnBatch rows = RandomRows(shape.traits, random);
    comparison.Run(LabelOf(Seed(), shape), rows, shape.begin, shape.end,
                   {"sum(a)",
                    "avg(a)",
                    "min(a)",
                    "max(a)",
                    "first(a)",
                    "last(a)",
                    "count(a)",
                    "count(DISTINCT a)",
                    "median(a)",
                    "count(*) FILTER (WHERE a > b)",
                    "count(*) FILTER (WHERE a = b)",
                    "count(*) FILTER (WHERE is_nan(a))",
                    "count(*) FILTER (WHERE is_finite(a))",
                    "arg_max(n, a)",
                    "arg_min(n, a)",
                    "max(greatest(a, b))",
                    "min(least(a, b))",
                    "sum(abs(a))",
                    "mode(a)",
                    "quantile_disc(a, 0.5)",
                    "string_agg(CAST(a AS text), ',')",
                    "string_agg(CAST(sign(a) AS text), ',')",
                    "string_agg(CAST(least(a, b) AS text), ',')",
                    "string_agg(CAST(greatest(a, b) AS text), ',')",
                    "string_agg(CAST(nullif(a, b) AS text), ',')",
                    "string_agg(CAST(round(a) AS text), ',')",
                    "count(power(a, 0.5))",
                    "count(*) FILTER (WHERE is_nan(power(a, 0.5)))",
                    "count(*) FILTER (WHERE is_nan(power(a, b)))",
                    "count(ln(a))",
                    "count(sqrt(a))",
                    "count(a / b)",
                    "count(*) FILTER (WHERE a >= b)",
                    "count(*) FILTER (WHERE a <= b)",
                    "count(*) FILTER (WHERE a < b)",
                    "count(*) FILTER (WHERE a <> b)"});
  }
  ExpectMostlyEqual(comparison);
}

}  // namespace
}  // namespace metricstore::differential
