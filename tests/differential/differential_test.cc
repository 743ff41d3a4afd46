// Every function of the language, alone and in random expressions over random slices, gives what
// DuckDB gives.

#include <cstdlib>
#include <iostream>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "common/expression/function_catalog.h"
#include "gtest/gtest.h"
#include "tests/differential/comparison.h"
#include "tests/differential/random_expressions.h"
#include "tests/differential/random_rows.h"
#include "tests/differential/samples.h"

namespace metricstore::differential {
namespace {

using columns::ColumnBatch;
using expression::Function;

uint64_t FromEnvironment(const char* name, uint64_t otherwise) {
  const char* const text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

// METRICSTORE_SEED and METRICSTORE_DIFFERENTIAL_BATCHES ask for other cases, and more of them.
uint64_t Seed() { return FromEnvironment("METRICSTORE_SEED", 20240301); }
size_t Batches() { return FromEnvironment("METRICSTORE_DIFFERENTIAL_BATCHES", 40); }

struct Shape {
  RowTraits traits;
  size_t begin;
  size_t end;
};

// Slices with rows around them: one row, a few, duplicates, all NULL, many.
std::vector<Shape> Shapes() {
  return {{{.rows = 5, .null_share = 0}, 2, 3},
          {{.rows = 12, .null_share = 0.4}, 3, 7},
          {{.rows = 40, .null_share = 0.2, .whole_numbers = true}, 5, 35},
          {{.rows = 9, .null_share = 1}, 1, 8},
          {{.rows = 300, .null_share = 0.1}, 20, 290},
          {{.rows = 60, .null_share = 0}, 0, 60}};
}

std::string LabelOf(uint64_t seed, const Shape& shape) {
  return absl::StrCat("seed ", seed, ", rows [", shape.begin, ", ", shape.end, ") of ",
                      shape.traits.rows, ", NULL ", shape.traits.null_share,
                      shape.traits.whole_numbers ? ", whole numbers" : "");
}

// What an overflow makes DuckDB refuse must stay rare, or nothing is tested.
void ExpectMostlyAsked(const Comparison& comparison) {
  const Tally& tally = comparison.tally();
  std::cout << tally.equal << " equal, " << tally.refused << " refused by DuckDB\n";
  EXPECT_GT(tally.equal, 0u);
  EXPECT_LE(tally.refused * 50, tally.equal) << absl::StrJoin(tally.refusals, "\n");
}

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
  ExpectMostlyAsked(comparison);
}

TEST(DifferentialTest, RandomExpressionsAgree) {
  std::cout << "seed " << Seed() << "\n";
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
  ExpectMostlyAsked(comparison);
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
                    "sum(ln(abs(x)))"});
  }
  ExpectMostlyAsked(comparison);
}

TEST(DifferentialTest, LargeIntegersAgreeToTheDigit) {
  std::mt19937_64 random(Seed());
  Comparison comparison;
  for (const Shape& shape : Shapes()) {
    const ColumnBatch rows = RandomRows(shape.traits, random);
    comparison.Run(LabelOf(Seed(), shape), rows, shape.begin, shape.end,
                   {"min(big)", "max(big)", "first(big)", "last(big)", "mode(big)",
                    "arg_max(big, a)", "arg_min(n, big)", "count(DISTINCT big)", "array_agg(big)",
                    "top_k(big, 2)", "sum(big)", "avg(big)", "any_value(big)", "max(big % 1000007)",
                    "max(abs(big))", "string_agg(CAST(big AS text), ',')", "last(lag(big))"});
  }
  ExpectMostlyAsked(comparison);
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
                    "string_agg(CAST(a AS text), ',')"});
  }
  ExpectMostlyAsked(comparison);
}

}  // namespace
}  // namespace metricstore::differential
