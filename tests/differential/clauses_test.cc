// FILTER and DISTINCT mean an aggregate over fewer rows: DuckDB is asked for the aggregate without
// the clause, over those rows.

#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/expression/catalog/function_catalog.h"
#include "gtest/gtest.h"
#include "tests/differential/comparison.h"
#include "tests/differential/random_expressions.h"
#include "tests/differential/rounds.h"
#include "tests/differential/samples.h"

namespace metricstore::differential {
namespace {

using columns::ColumnBatch;
using expression::DistinctUse;
using expression::Function;
using expression::SpecOf;

// f(DISTINCT x) for a sample f($t), f($t, ...) of a column.
Rewriting DistinctOf(const Sample& sample, const std::string& column,
                     RandomExpressions* expressions) {
  const size_t open = sample.text.find('(');
  Sample rest = sample;
  rest.text.remove_prefix(open + 3);
  const std::string name(sample.text.substr(0, open));
  const std::string tail = expressions->AggregateOfRows(rest, 0);
  return {.metric = absl::StrCat(name, "(DISTINCT ", column, tail),
          .bare = absl::StrCat(name, "(", column, tail),
          .condition = "",
          .first_of = column};
}

std::vector<std::string> ColumnsOfType(char type) {
  switch (type) {
    case 'f':
      return {"a", "b"};
    case 'i':
      return {"n"};
    case 't':
      return {"s"};
    case 'b':
      return {"flag"};
    default:
      return {};
  }
}

TEST(DifferentialClausesTest, FilterLeavesTheOtherRowsOut) {
  Comparison comparison;
  const size_t rounds = 1 + Batches() / 20;
  for (size_t round = 0; round < rounds; ++round) {
    const uint64_t seed = Seed() + round;
    std::mt19937_64 random(seed);
    RandomExpressions expressions(seed);
    for (const Shape& shape : Shapes()) {
      const ColumnBatch rows = RandomRows(shape.traits, random);
      std::vector<Rewriting> rewritings;
      for (const Sample& sample : Samples()) {
        if (!IsBareAggregate(sample)) continue;
        const std::string bare = expressions.AggregateOfRows(sample, 1 + round % 2);
        const std::string condition = expressions.Condition(1);
        rewritings.push_back({.metric = absl::StrCat(bare, " FILTER (WHERE ", condition, ")"),
                              .bare = bare,
                              .condition = condition,
                              .first_of = ""});
      }
      comparison.RunRewritten(LabelOf(seed, shape), rows, shape.begin, shape.end, rewritings);
    }
  }
  ExpectMostlyEqual(comparison);
}

TEST(DifferentialClausesTest, DistinctLeavesRowsOutWhoseValueCameBefore) {
  std::mt19937_64 random(Seed());
  RandomExpressions expressions(Seed());
  Comparison comparison;
  std::set<Function> seen;
  for (const Shape& shape : Shapes()) {
    const ColumnBatch rows = RandomRows(shape.traits, random);
    std::vector<Rewriting> rewritings;
    for (const Sample& sample : Samples()) {
      if (SpecOf(sample.function).distinct != DistinctUse::kCounts || !IsOfOneHole(sample)) {
        continue;
      }
      seen.insert(sample.function);
      for (const std::string& column : ColumnsOfType(sample.text[sample.text.find('(') + 2])) {
        rewritings.push_back(DistinctOf(sample, column, &expressions));
      }
    }
    comparison.RunRewritten(LabelOf(Seed(), shape), rows, shape.begin, shape.end, rewritings);
  }
  for (const expression::FunctionSpec& spec : expression::Functions()) {
    if (spec.distinct != DistinctUse::kCounts) continue;
    EXPECT_TRUE(seen.contains(spec.function)) << spec.name;
  }
  ExpectMostlyEqual(comparison);
}

// Rows that a filter drops are no neighbours: realized_volatility of 1, 4, 16.
TEST(DifferentialClausesTest, ReturnsAreFromOneKeptRowToTheNext) {
  std::mt19937_64 random(1);
  ColumnBatch rows = RandomRows({.rows = 5, .null_share = 0}, random);
  for (columns::Column& column : rows.columns) {
    if (column.name == "b") column.float64 = {1, 2, 4, 8, 16};
    if (column.name == "n") column.int64 = {1, 0, 1, 0, 1};
  }
  Comparison comparison;
  comparison.RunRewritten("five rows", rows, 0, 5,
                          {{.metric = "realized_volatility(b) FILTER (WHERE n = 1)",
                            .bare = "realized_volatility(b)",
                            .condition = "n = 1",
                            .first_of = ""}});
  EXPECT_EQ(comparison.tally().equal, 1u);
}

}  // namespace
}  // namespace metricstore::differential
