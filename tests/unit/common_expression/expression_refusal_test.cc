// How expressions are refused: where, why, and what would be right.

#include <vector>

#include "common/expression/expression.h"
#include "gtest/gtest.h"
#include "tests/unit/common_expression/bar_columns.h"
#include "tests/unit/common_expression/refused_expressions.h"

namespace metricstore::expression {
namespace {

// In this order: the tests are numbered by it.
std::vector<Refused> RefusedMetrics() {
  std::vector<Refused> all = RefusedForms();
  for (const auto& more : {RefusedNames(), RefusedArguments()}) {
    all.insert(all.end(), more.begin(), more.end());
  }
  return all;
}

class RefusedMetricTest : public ::testing::TestWithParam<Refused> {};

TEST_P(RefusedMetricTest, SaysWhereAndWhy) {
  ExpectRefused(BoundExpression::ParseMetric(GetParam().text, Bars()).status(), GetParam());
}

INSTANTIATE_TEST_SUITE_P(All, RefusedMetricTest, ::testing::ValuesIn(RefusedMetrics()));

class RefusedFilterTest : public ::testing::TestWithParam<Refused> {};

TEST_P(RefusedFilterTest, SaysWhereAndWhy) {
  ExpectRefused(BoundExpression::ParseFilter(GetParam().text, Bars()).status(), GetParam());
}

INSTANTIATE_TEST_SUITE_P(All, RefusedFilterTest,
                         ::testing::ValuesIn(std::vector<Refused>{
                             {"volume", 1, "a filter is a condition, this is int64", ""},
                             {"sum(volume) > 1", 1, "not allowed in a filter", ""},
                             {"lag(close) > 1", 1, "not allowed in a filter", ""},
                             {"vlume > 1", 1, "unknown column", "volume"},
                             {"ts > 'now'", 6, "'now' reads the clock", ""},
                             {"'now' < ts", 1, "'now' reads the clock", ""},
                             {"ts >= TIMESTAMP 'today 10:00'", 17, "'today' reads", ""},
                             {"day IN ('2024-02-29', 'tomorrow')", 23, "'tomorrow' reads", ""},
                             {"day BETWEEN 'yesterday' AND 'today'", 13, "'yesterday' reads", ""},
                             {"ts > 'allballs'", 6, "write '00:00:00'", ""},
                             {"side = 1", 8, "one type", ""},
                             {"day < ts", 7, "one type", "CAST(ts AS date)"},
                             {"ts < day", 6, "one type", "CAST(ts AS date)"},
                             {"is_open = 'true'", 11, "one type", "TRUE"},
                             {"close > 1 && open > 1", 11, "no operator &&", "AND"},
                             {"volume = 1 AND close", 16, "AND takes conditions", ""},
                         }));

}  // namespace
}  // namespace metricstore::expression
