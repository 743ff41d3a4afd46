// Comparisons where values are missing or no numbers.

#include <limits>
#include <string>

#include "gmock/gmock.h"
#include "tests/unit/compute/engine_fixture.h"

namespace metricstore::compute::vector {
namespace {

using columns::ColumnBatch;
using columns::ColumnType;
using ::testing::ElementsAre;

// The pairs (a, b): (1, 2), (NaN, 1), (1, NaN), (NaN, NaN), (NULL, 1), (NULL, NULL).
ColumnBatch Pairs() {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  ColumnBatch rows = RowsOf({1, nan, 1, nan, 0, 0});
  rows.columns.push_back(
      {.name = "b", .type = ColumnType::kFloat64, .float64 = {2, 1, nan, nan, 1, 0}});
  rows.columns[1].validity.SetNull(4, 6);
  rows.columns[1].validity.SetNull(5, 6);
  rows.columns[2].validity.SetNull(5, 6);
  return rows;
}

// Which of the pairs pass, as binary digits.
double Passing(const std::string& condition) {
  return EvaluateOne(
             "coalesce(sum(power(10, 5 - CAST(extract(epoch FROM ts) * 1000000 AS bigint)))"
             " FILTER (WHERE " +
                 condition + "), 0)",
             Pairs())
      .values.at(0);
}

TEST(EngineComparisonTest, NanEqualsItselfAndIsTheGreatest) {
  EXPECT_EQ(Passing("a = b"), 100);
  EXPECT_EQ(Passing("a <> b"), 111000);
  EXPECT_EQ(Passing("a < b"), 101000);
  EXPECT_EQ(Passing("a <= b"), 101100);
  EXPECT_EQ(Passing("a > b"), 10000);
  EXPECT_EQ(Passing("a >= b"), 10100);
  EXPECT_EQ(Passing("a IN (b)"), 100);
  EXPECT_EQ(Passing("a BETWEEN b AND b"), 100);
  EXPECT_EQ(Passing("nullif(a, b) IS NULL"), 111);
}

TEST(EngineComparisonTest, NullIsDistinctFromValuesOnly) {
  EXPECT_EQ(Passing("a IS DISTINCT FROM b"), 111010);
  EXPECT_EQ(Passing("a IS NOT DISTINCT FROM b"), 101);
  EXPECT_EQ(Passing("a IS NOT DISTINCT FROM NULL"), 11);
  EXPECT_THAT(EvaluateOne("sum(a) IS DISTINCT FROM NULL", RowsOf({1})).values, ElementsAre(1));
}

}  // namespace
}  // namespace metricstore::compute::vector
