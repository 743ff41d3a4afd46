// Which expressions are accepted, and what they mean as canonical text.
#include "common/expression/expression.h"

#include <thread>

#include "common/expression/node.h"
#include "common/expression/syntax.h"
#include "common/status/error.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/common_expression/bar_columns.h"

namespace metricstore::expression {
namespace {

using columns::ColumnType;
using ::testing::ElementsAre;

struct Accepted {
  std::string text;
  std::string canonical;
};

class AcceptedMetricTest : public ::testing::TestWithParam<Accepted> {};

TEST_P(AcceptedMetricTest, HasOneCanonicalTextThatParsesBack) {
  const auto metric = BoundExpression::ParseMetric(GetParam().text, Bars());
  ASSERT_TRUE(metric.ok()) << metric.status();
  EXPECT_EQ((*metric)->canonical_text(), GetParam().canonical);
  const auto again = BoundExpression::ParseMetric((*metric)->canonical_text(), Bars());
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ((*again)->canonical_text(), GetParam().canonical);
}

INSTANTIATE_TEST_SUITE_P(
    All, AcceptedMetricTest,
    ::testing::ValuesIn(std::vector<Accepted>{
        {"last(close)-first(open)", "(last(close) - first(open))"},
        {"  SUM( close )  ", "sum(close)"},
        {"count(*)", "count(*)"},
        {"count(side)", "count(side)"},
        {"sum(volume * 2)", "sum((volume * 2))"},
        {"sum(close * 2)", "sum((close * 2.0))"},
        {"sum(close * -2)", "sum((close * -2.0))"},
        {"sum(volume * -3)", "sum((volume * -3))"},
        {"sum(volume * - 3)", "sum((volume * -3))"},
        {"sum(volume * 0)", "sum((volume * 0))"},
        {"sum(-volume)", "sum((- volume))"},
        {"sum(+close)", "sum(close)"},
        {"sum(close*volume)/sum(volume)", "(sum((close * volume)) / sum(volume))"},
        {"sum(volume) % 7", "(sum(volume) % 7.0)"},
        {"max(close) ^ 2", "power(max(close), 2.0)"},
        {"stddev_pop(log_return(close))", "stddev_pop(log_return(close))"},
        {"sum(lag(close, 5))", "sum(lag(close, 5))"},
        {"avg(delta(volume))", "avg(delta(volume))"},
        {"sqrt(sum(power(log_return(close), 2)))", "sqrt(sum(power(log_return(close), 2.0)))"},
        {"sum(volume) FILTER (WHERE side = 'B')",
         "sum(CASE WHEN (side = 'B') THEN volume ELSE NULL END)"},
        {"count(*) FILTER (WHERE is_open)", "count(CASE WHEN is_open THEN 1 ELSE NULL END)"},
        {"sum(case side when 'B' then volume when 'S' then -volume else 0 end)",
         "sum(CASE side WHEN 'B' THEN volume WHEN 'S' THEN (- volume) ELSE 0 END)"},
        {"sum(case when close>open then 1 end)",
         "sum(CASE WHEN (close > open) THEN 1 ELSE NULL END)"},
        {"coalesce(sum(close), 0)", "COALESCE(sum(close), 0.0)"},
        {"nullif(sum(volume), 0)", "NULLIF(sum(volume), 0.0)"},
        {"greatest(max(close), max(open), 1)", "GREATEST(max(close), max(open), 1.0)"},
        {"sum(\"Größe\") + sum(\"order\")", "(sum(\"Größe\") + sum(\"order\"))"},
        {"sum(1e3) + 99999999999 + count(*)", "((sum(1000.0) + 99999999999.0) + count(*))"},
        {"count(*) + 9223372036854775807", "(count(*) + 9223372036854775807)"},
        {"count(*) + -9223372036854775808", "(count(*) + -9223372036854775808)"},
        {"CASE WHEN max(ts) >= '2024-03-10' THEN 1 ELSE 0 END",
         "CASE WHEN (max(ts) >= TIMESTAMP '2024-03-10T00:00:00Z') THEN 1 ELSE 0 END"},
        {"sum(volume) FILTER (WHERE TRUE) + 1.5",
         "(sum(CASE WHEN TRUE THEN volume ELSE NULL END) + 1.5)"},
        {"vwap(close, volume) FILTER (WHERE is_open)",
         "vwap(CASE WHEN is_open THEN close ELSE NULL END, volume)"},
        {"count(DISTINCT side) FILTER (WHERE is_open)",
         "count(DISTINCT CASE WHEN is_open THEN side ELSE NULL END)"},
        {"sum(DISTINCT close)", "sum(DISTINCT close)"},
        {"max(DISTINCT close)", "max(close)"},
        {"count(DISTINCT close)", "count(DISTINCT close)"},
        {"string_agg(DISTINCT side, ', ')", "string_agg(DISTINCT side, ', ')"},
        {"percentile_cont(0.5) WITHIN GROUP (ORDER BY close)", "quantile_cont(close, 0.5)"},
        {"percentile_disc(1) WITHIN GROUP (ORDER BY volume ASC) FILTER (WHERE is_open)",
         "quantile_disc(CASE WHEN is_open THEN volume ELSE NULL END, 1.0)"},
        {"mode() WITHIN GROUP (ORDER BY side)", "mode(side)"},
        {"sum(volume::float8 + volume)", "sum((CAST(volume AS float8) + volume))"},
        {"sum(CAST(close AS double precision))", "sum(close)"},
        {"sum(CAST(is_open AS int))", "sum(CAST(is_open AS bigint))"},
        {"max(CAST(side AS numeric))", "max(CAST(side AS float8))"},
        {"max(volume::varchar)", "max(CAST(volume AS text))"},
        {"count(day = CAST(CAST('2024-03-10' AS text) AS date))",
         "count((day = DATE '2024-03-10'))"},
        {"count(CAST(NULL AS text))", "count(CAST(NULL AS text))"},
        {"count(side LIKE 'a%' OR side NOT ILIKE '_b')",
         "count(((side LIKE 'a%') OR (NOT (side ILIKE '_b'))))"},
        {"count(close IS DISTINCT FROM volume)", "count((close IS DISTINCT FROM volume))"},
        {"count(NOT close IS NOT DISTINCT FROM 1)",
         "count((NOT (close IS NOT DISTINCT FROM 1.0)))"},
        {"max(side || '/' || volume::text)", "max(((side || '/') || CAST(volume AS text)))"},
        {"count(side IN (upper(side), 'x'))", "count((side IN (upper(side), 'x')))"},
        {"max(extract(year from ts))", "max(date_part('year', ts))"},
        {"max(date_part('Hours', ts))", "max(date_part('hour', ts))"},
        {"min(substring(side from 2 for 3))", "min(substring(side, 2, 3))"},
        {"min(substring(side for 3))", "min(substring(side, 1, 3))"},
        {"min(substr(side, volume))", "min(substring(side, volume))"},
        {"sum(position('a' in side))", "sum(strpos(side, 'a'))"},
        {"min(trim(both 'x' from side))", "min(trim(side, 'x'))"},
        {"min(trim(leading from side))", "min(ltrim(side))"},
        {"min(trim(trailing 'yz' from side))", "min(rtrim(side, 'yz'))"},
        {"min(left(side, -1) || right(side, 2))", "min((left(side, -1) || right(side, 2)))"},
        {"arg_min(side, close)", "arg_min(side, close)"},
        {"arg_max(ts, side) = TIMESTAMP '2024-03-10'",
         "(arg_max(ts, side) = TIMESTAMP '2024-03-10T00:00:00Z')"},
        {"corr(close, volume)", "corr(close, volume)"},
        {"coalesce(max(side), 'none')", "COALESCE(max(side), 'none')"},
        {"greatest(min(side), max(side))", "GREATEST(min(side), max(side))"},
        {"CASE WHEN max(close) > 1 THEN 'up' ELSE min(side) END",
         "CASE WHEN (max(close) > 1.0) THEN 'up' ELSE min(side) END"},
        {"bool_or(is_open AND close > open)", "bool_or((is_open AND (close > open)))"},
        {"count(*) > 1", "(count(*) > 1)"},
        {"histogram(close, 0, 10.5, 4)", "histogram(close, 0.0, 10.5, 4)"},
        {"top_k(volume, 3)", "top_k(volume, 3)"},
        {"extract(epoch from max(ts))", "date_part('epoch', max(ts))"},
        {"avg(round(close, 2))", "avg(round(close, 2))"},
        {"sum(lead(close) - lag(side::float8, 2))",
         "sum((lead(close) - lag(CAST(side AS float8), 2)))"},
        {"sum(isnan(close)::int)", "sum(CAST(is_nan(close) AS bigint))"},
        {"sum(close) -- the price\n / 2", "(sum(close) / 2.0)"},
        {"count(is_open AND close IS NOT NULL OR NOT is_open)",
         "count(((is_open AND (close IS NOT NULL)) OR (NOT is_open)))"},
    }));

class AcceptedFilterTest : public ::testing::TestWithParam<Accepted> {};

TEST_P(AcceptedFilterTest, HasOneCanonicalTextThatParsesBack) {
  const auto filter = BoundExpression::ParseFilter(GetParam().text, Bars());
  ASSERT_TRUE(filter.ok()) << filter.status();
  EXPECT_EQ((*filter)->canonical_text(), GetParam().canonical);
  const auto again = BoundExpression::ParseFilter((*filter)->canonical_text(), Bars());
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ((*again)->canonical_text(), GetParam().canonical);
}

INSTANTIATE_TEST_SUITE_P(All, AcceptedFilterTest,
                         ::testing::ValuesIn(std::vector<Accepted>{
                             {"volume > 0", "(volume > 0)"},
                             {"volume != 1.5", "(volume <> 1.5)"},
                             {"is_open", "is_open"},
                             {"not is_open", "(NOT is_open)"},
                             {"side in ('B', 'it''s')", "(side IN ('B', 'it''s'))"},
                             {"side NOT IN ('B')", "(NOT (side IN ('B')))"},
                             {"'B' = side", "('B' = side)"},
                             {"side = 'today'", "(side = 'today')"},
                             {"side IN ('now', 'B')", "(side IN ('now', 'B'))"},
                             {"side is null or side >= 'M'", "((side IS NULL) OR (side >= 'M'))"},
                             {"close between 1 and volume", "(close BETWEEN 1.0 AND volume)"},
                             {"close not between 1 and 2", "(NOT (close BETWEEN 1.0 AND 2.0))"},
                             {"ts < '2024-03-10 09:30:00-05:00'",
                              "(ts < TIMESTAMP '2024-03-10T14:30:00Z')"},
                             {"day = DATE '2024-02-29'", "(day = DATE '2024-02-29')"},
                             {"day in ('2024-02-29', NULL)", "(day IN (DATE '2024-02-29', NULL))"},
                             {"is_open = true", "(is_open = TRUE)"},
                             {"case when close > 1 then is_open else false end",
                              "CASE WHEN (close > 1.0) THEN is_open ELSE FALSE END"},
                         }));

TEST(BoundExpressionTest, ColumnsAreSortedAndDistinct) {
  const auto metric =
      BoundExpression::ParseMetric("sum(volume * close) / sum(volume) + max(close)", Bars());
  ASSERT_TRUE(metric.ok()) << metric.status();
  EXPECT_THAT((*metric)->columns(), ElementsAre("close", "volume"));
}

TEST(BoundExpressionTest, IntegersAreWidenedWhereFloatsAreWanted) {
  const auto metric = BoundExpression::ParseMetric("sum(volume * close)", Bars());
  ASSERT_TRUE(metric.ok()) << metric.status();
  const Node& product = *(*metric)->root().arguments[0];
  EXPECT_EQ(product.type, ColumnType::kFloat64);
  EXPECT_EQ(product.arguments[0]->function, Function::kToFloat64);
  EXPECT_EQ(product.arguments[1]->kind, NodeKind::kColumn);
}

TEST(BoundExpressionTest, MayBeParsedOnManyThreadsAtOnce) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([] {
      for (int round = 0; round < 200; ++round) {
        EXPECT_TRUE(BoundExpression::ParseMetric("sum(close * volume)", Bars()).ok());
        EXPECT_FALSE(BoundExpression::ParseMetric("sum(close *", Bars()).ok());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(BoundExpressionTest, SaysWhatThePointsAre) {
  for (const auto& [text, output] : std::vector<std::pair<std::string, OutputType>>{
           {"sum(close)", OutputType::kNumber},
           {"count(*)", OutputType::kInteger},
           {"bool_and(is_open)", OutputType::kBoolean},
           {"first(side)", OutputType::kText},
           {"array_agg(side)", OutputType::kVector},
           {"histogram(close, 0, 1, 2)", OutputType::kVector}}) {
    const auto metric = BoundExpression::ParseMetric(text, Bars());
    ASSERT_TRUE(metric.ok()) << metric.status();
    EXPECT_EQ((*metric)->output(), output) << text;
  }
}

TEST(BoundExpressionTest, APartOfATreeIsAnExpressionToo) {
  const auto metric = BoundExpression::ParseMetric("sum(close) / count(*)", Bars());
  ASSERT_TRUE(metric.ok()) << metric.status();
  const Node& root = (*metric)->root();
  const auto sum = BoundExpression::FromNode(CloneNode(*root.arguments[0]));
  EXPECT_EQ(sum->canonical_text(), "sum(close)");
  EXPECT_THAT(sum->columns(), ElementsAre("close"));
  // The count is widened, and says so where nothing around it does.
  const auto count = BoundExpression::FromNode(CloneNode(*root.arguments[1]));
  EXPECT_EQ(count->canonical_text(), "CAST(count(*) AS float8)");
  EXPECT_EQ(count->output(), OutputType::kNumber);
}

}  // namespace
}  // namespace metricstore::expression
