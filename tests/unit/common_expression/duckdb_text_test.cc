// DuckDB's text of metrics: every function has one, and rows are filtered before it looks at them.

#include "common/expression/duckdb_text.h"

#include <vector>

#include "common/expression/expression.h"
#include "gtest/gtest.h"
#include "tests/unit/common_expression/function_calls_fixture.h"

namespace metricstore::expression {
namespace {

TEST(FunctionCatalogTest, EveryEntryHasDuckDbText) {
  for (const FunctionSpec& spec : Functions()) {
    if (spec.function == Function::kMetric) continue;
    for (int count = spec.min_arguments; count <= spec.max_arguments; ++count) {
      ExpectDuckDbText(CallOf(spec, FittingArguments(spec, count)).metric());
    }
  }
  for (const auto& [name, metric] : OperatorMetrics()) ExpectDuckDbText(metric);
}

TEST(DuckDbSelectTest, RowsAreFilteredBeforeTheyAreLookedAt) {
  const auto metric = BoundExpression::ParseMetric("sum(x - lag(x)) / count(*)", Rows());
  const auto filter = BoundExpression::ParseFilter("n > 0", Rows());
  ASSERT_TRUE(metric.ok() && filter.ok());
  const auto select = DuckDbSelect(**metric, std::vector{*filter}, kRows);
  ASSERT_TRUE(select.ok()) << select.status();
  EXPECT_EQ(
      *select,
      "SELECT (\"aggregate 1\" / nullif(CAST(\"aggregate 2\" AS DOUBLE), 0)) AS value FROM "
      "(SELECT fsum((\"x\" - \"row 1\")) AS \"aggregate 1\", count(*) AS \"aggregate 2\" FROM "
      "(SELECT *, lag(\"x\") OVER (ORDER BY \"row_id\") AS \"row 1\" FROM "
      "(SELECT * FROM rows WHERE (\"n\" > (0)::BIGINT))))");
}

TEST(DuckDbSelectTest, OtherMetricsHaveNoText) {
  const auto metric = BoundExpression::ParseMetric("metric('a/b') + 1", {});
  ASSERT_TRUE(metric.ok()) << metric.status();
  EXPECT_EQ(DuckDbSelect(**metric, {}, kRows).status().code(), absl::StatusCode::kUnimplemented);
}

}  // namespace
}  // namespace metricstore::expression
