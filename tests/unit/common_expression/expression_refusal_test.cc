// How expressions are refused: where, why, and what would be right.
#include <string>

#include "common/expression/expression.h"
#include "common/expression/syntax.h"
#include "common/status/error.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/common_expression/bar_columns.h"

namespace metricstore::expression {
namespace {

using ::testing::HasSubstr;

struct Refused {
  std::string text;
  int position;
  std::string message;  // a part of it
  std::string suggestion;
};

void ExpectRefused(const absl::Status& status, const Refused& expected) {
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
  EXPECT_EQ(status::ReasonOf(status), "EXPRESSION_INVALID");
  const auto details = status::DetailsOf(status);
  ASSERT_TRUE(details.has_value());
  EXPECT_EQ(details->metadata.at("position"), std::to_string(expected.position)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr(expected.message));
  const auto suggestion = details->metadata.find("suggestion");
  EXPECT_EQ(suggestion == details->metadata.end() ? "" : suggestion->second, expected.suggestion)
      << status;
}

class RefusedMetricTest : public ::testing::TestWithParam<Refused> {};

TEST_P(RefusedMetricTest, SaysWhereAndWhy) {
  ExpectRefused(BoundExpression::ParseMetric(GetParam().text, Bars()).status(), GetParam());
}

INSTANTIATE_TEST_SUITE_P(
    All, RefusedMetricTest,
    ::testing::ValuesIn(std::vector<Refused>{
        // Grammar.
        {"", 1, "empty", ""},
        {"   ", 1, "empty", ""},
        {"sum(close", 10, "syntax error", ""},
        {"sum(\"Größe\") +* 2", 14, "no operator +*", ""},
        {"sum(close) )", 12, "syntax error", ""},
        {"sum('é' || )", 12, "syntax error", ""},
        {std::string("sum(close)\0 + x", 15), 1, "NUL", ""},
        {"sum(\xC3)", 1, "UTF-8", ""},
        // Characters that look like others.
        {"sum(\u200Bclose)", 5, "the invisible character U+200B stands here: take it out", ""},
        {"\uFEFFsum(close)", 1, "the invisible character U+FEFF", ""},
        {"sum(\u202Eclose)", 5, "the invisible character U+202E", ""},
        {"sum(\u00ADclose)", 5, "the invisible character U+00AD", ""},
        {"sum(close)\u00A0+ 1", 11, "U+00A0 is no space: write a plain one", ""},
        {"sum(close)\u3000+ 1", 11, "U+3000 is no space", ""},
        {"sum(close) \u2212 sum(open)", 12, "\u2212 (U+2212) is no minus: write -", ""},
        {"sum(close) \u2013 1", 12, "\u2013 (U+2013) is no minus: write -", ""},
        {"sum(close) * 2\u00D7 3", 15, "\u00D7 (U+00D7) is no sign of a product: write *", ""},
        {"sum(close) \u2265 3", 12, "\u2265 (U+2265) is no comparison: write >=", ""},
        {"sum(close\uFF09", 10, "\uFF09 (U+FF09) is no bracket: write )", ""},
        {"count(*) FILTER (WHERE side = \u2018ACME\u2019)", 31,
         "\u2018 (U+2018) is no quote: write '...'", ""},
        {"sum(\u201Cclose\u201D)", 5,
         "\u201C (U+201C) is no quote: write '...' for a text, \"...\" for a name", ""},
        {"sum(close) \x01", 12, "the control character U+0001", ""},
        {"sum(close) \u0085", 12, "the control character U+0085", ""},
        {"/* \u2212 */ sum(\"\u2212\" - clos)", 13, "unknown column \"\u2212\"", ""},
        {"count(side = E'\\'\u2212' OR side = $$\u2212$$ OR \u2212close = 1)", 40, "no minus", ""},
        {"count(side = '\u2212''\u2212' -- \u2212\n AND \u2212close = 1)", 31, "no minus", ""},
        {"sum(größer)", 5, "unknown column \"größer\"", "Größe"},
        // Never printed as they are.
        {"sum(\"a\u202Eb\")", 5, "unknown column \"a<U+202E>b\"", ""},
        {"max(date_part('\u200B\tday', ts))", 15, "no unit '<U+200B><U+0009>day'", ""},
        // More than an expression.
        {"sum(close); SELECT 1", 12, "several statements", ""},
        {"sum(close) FROM bars", 17, "not a query", ""},
        {"SELECT sum(close) FROM bars", 1, "a whole SELECT is the metric's `sql`", ""},
        {"/* é */ select sum(close)", 9, "a whole SELECT is the metric's `sql`", ""},
        {"WITH b AS (SELECT 1) SELECT 2", 1, "a whole SELECT is the metric's `sql`", ""},
        {"sum(close) + SELECT 1", 14, "syntax error", ""},
        {"sum(close) WITH", 12, "syntax error", ""},
        {"SELECT 'open", 1, "a whole SELECT is", ""},
        {"selects(close)", 1, "unknown function", ""},
        {"sum(close) WHERE close > 1", 18,
         "a condition belongs in the aggregate, or in the metric's `filters`",
         "sum(x) FILTER (WHERE ...)"},
        {"sum(close) GROUP BY side", 21, "not a query", ""},
        {"sum(close) UNION SELECT 2", 1, "not a query", ""},
        {"DISTINCT sum(close)", 1, "not a query", ""},
        {"sum(close), sum(open)", 13, "several", ""},
        {"sum(close) AS x", 15, "unexpected name \"x\"", ""},
        {"sum(close) total", 12, "unexpected name \"total\"", ""},
        {"sum(close) AS \"an x\" -- so", 15, "unexpected name \"an x\"", ""},
        {"*", 1, "*", ""},
        // Forms that expressions do not have.
        {"sum((SELECT 1))", 5, "sub-select", ""},
        {"sum(close) + $1", 14, "parameter", ""},
        {"sum(close::interval)", 10, "intervals are not supported", ""},
        {"count(ts > day + INTERVAL '1 day')", 18,
         "intervals are not supported: date_diff('day', from, to) is the distance of two times, "
         "and "
         "metric('category/name', offset => '1 day') an earlier bucket",
         ""},
        {"sum(close::smallint)", 10, "cast to int2", "bigint"},
        {"sum(close::numeric(10, 2))", 10, "with a size", "round(x, digits)"},
        {"max(close::int[])", 10, "is not supported", ""},
        {"count(CAST(close AS date))", 7, "cannot be cast", ""},
        {"count(CAST(ts AS bigint))", 7, "cannot be cast", "extract(epoch FROM ...)"},
        {"sum(bars.close)", 5, "without its table", ""},
        {"pg_catalog.sum(close)", 1, "a function has no name and point before it", "sum(close)"},
        {"close.mean()", 1, "a function has no name and point before it", "avg(close)"},
        {"np.mean(close)", 1, "no name and point", "avg(close)"},
        {"df.close.sum()", 1, "no name and point", "sum(close)"},
        {"np.mean(close + open)", 1, "no name and point", "avg(x)"},
        {"close.nunique()", 1, "no name and point", "count(DISTINCT x)"},
        {"np.xyzzy(close)", 1, "no name and point", ""},
        {"last(DISTINCT close)", 1, "DISTINCT means nothing in last", ""},
        {"sum(abs(DISTINCT close))", 5, "DISTINCT belongs in aggregates", ""},
        {"percentile_cont(0.5) WITHIN GROUP (ORDER BY close DESC)", 45, "rising", ""},
        {"sum(close) WITHIN GROUP (ORDER BY close)", 1, "no WITHIN GROUP", ""},
        {"percentile_cont(close, 0.5)", 1, "needs WITHIN GROUP", "quantile_cont"},
        {"max(ts AT TIME ZONE 'UTC')", 8, "AT TIME ZONE", ""},
        {"max(overlay(side placing 'x' from 2))", 5, "overlay", ""},
        {"count(side LIKE 'a' ESCAPE 'b')", 12, "ESCAPE", ""},
        {"count(side LIKE 'a\\')", 17, "one backslash", ""},
        {"count(side LIKE side)", 17, "a pattern written out", ""},
        {"count(side LIKE side || '%')", 22, "LIKE's second argument is a pattern written out", ""},
        {"count(*) FILTER (WHERE side LIKE lower('A%'))", 34,
         "LIKE's second argument is a pattern written out", ""},
        {"count(side NOT LIKE trim(side))", 21, "a pattern written out", ""},
        {"count(side ILIKE 'a' ESCAPE 'b')", 12, "ILIKE with ESCAPE", ""},
        {"last(close ORDER BY ts)", 1, "ORDER BY", ""},
        {"sum(close) OVER ()", 1, "(OVER) is not supported: cum_sum, lag", ""},
        {"sum(lag(close) OVER (ORDER BY ts))", 5, "a rolling window", ""},
        {"sum(ARRAY[1])", 5, "array", ""},
        {"count(close LIKE 'x')", 7, "LIKE takes text", "CAST(... AS text)"},
        {"count(is_open IS TRUE)", 15,
         "IS TRUE is not supported: where a condition is wanted, c alone", "coalesce(c, false)"},
        {"count(is_open IS NOT TRUE)", 15, "IS NOT TRUE is", "NOT coalesce(c, false)"},
        {"count(is_open IS FALSE)", 15, "IS FALSE is", "NOT coalesce(c, true)"},
        {"count(is_open IS NOT FALSE)", 15, "IS NOT FALSE is", "coalesce(c, true)"},
        {"count(is_open IS UNKNOWN)", 15, "IS UNKNOWN is", "c IS NULL"},
        {"count(is_open IS NOT UNKNOWN)", 15, "IS NOT UNKNOWN is", "c IS NOT NULL"},
        {"count(current_date)", 7,
         "current_date reads the clock: the same rows must give the same numbers", ""},
        {"count(ts > localtimestamp(3))", 12, "localtimestamp reads the clock", ""},
        {"count(side = current_user)", 14, "current_user depends on the session", ""},
        {"count(ts < now())", 12, "now reads the clock: the same rows must give the same numbers",
         ""},
        {"sum(sum => close)", 5, "named argument", ""},
        {"max(*)", 1, "count(*)", ""},
        {"sum(close ~ open)", 11, "no operator ~", "LIKE"},
        {"count(*) FILTER (WHERE side == 'B')", 29, "no operator ==", "="},
        {"sum(close ** 2)", 11, "no operator **", "power(a, b)"},
        {"sum(volume // 2)", 12, "no operator //", "trunc(a / b) or floor(a / b)"},
        {"count(is_open && is_open)", 15, "no operator &&", "AND"},
        {"count(! is_open)", 7, "no operator unary !", "NOT"},
        {"count(*) FILTER (WHERE close > 1 && open > 1)", 34, "no operator &&", "AND"},
        {"count(close > 1 && open > 1 && open < 5)", 17, "no operator &&", "AND"},
        {"count(close > 1 || open > 1)", 17, "|| joins texts", "OR"},
        {"count(1 < close < 5)", 17, "comparisons have two sides: join two of them by AND",
         "a < b AND b < c"},
        {"count((1 < open) AND open = close = 5)", 35, "comparisons have two sides",
         "a < b AND b < c"},
        {"count(close > ) = 5", 15, "syntax error", ""},
        {"count(close > = 5)", 15, "syntax error", ""},
        {"count(close > 1, open > < 5)", 25, "syntax error", ""},
        {"count(1 < (close <> open) = 5)", 27, "comparisons have two sides", "a < b AND b < c"},
        {"max(close || side)", 5, "|| takes text", "CAST(... AS text)"},
        {"abs(sum(close)) FILTER (WHERE true)", 1, "FILTER", ""},
        {"sum(1e400)", 5, "out of range", ""},
        // Names.
        {"sum(clsoe)", 5, "unknown column \"clsoe\"", "close"},
        {"sum(xyzzy)", 5, "unknown column", ""},
        {"sum(\"Größe\" + volum)", 15, "unknown column", "volume"},
        {"smu(close)", 1, "unknown function \"smu\"", "sum"},
        {"count", 1, "unknown column \"count\"", "count(*)"},
        {"sum(close) / count", 14, "unknown column \"count\"", "count(*)"},
        {"1 + sum", 5, "unknown column \"sum\"", "sum(x)"},
        {"\"count\" + 1", 1, "unknown column \"count\"", "count(*)"},
        {"sum(count)", 5, "unknown column \"count\"", ""},
        // Texts in the wrong quotes.
        {"count(*) FILTER (WHERE side = \"ab\")", 31,
         "unknown column \"ab\": a text stands in single quotes", "'ab'"},
        {"count(\"it's\" <> lower(side))", 7, "single quotes", "'it''s'"},
        {"count(side IN ('a', \"b\"))", 21, "single quotes", "'b'"},
        {"count(side LIKE \"a%\")", 17, "single quotes", "'a%'"},
        {"max(CASE WHEN is_open THEN side ELSE \"none\" END)", 38, "single quotes", "'none'"},
        {"coalesce(max(side), \"none\")", 21, "single quotes", "'none'"},
        {"max(side) FILTER (WHERE \"ab\")", 25, "unknown column \"ab\"", ""},
        {"count(side = ab)", 14, "unknown column \"ab\"", ""},
        {"count(close = \"ab\")", 15, "unknown column \"ab\"", ""},
        {"count(side = \"clsoe\" || side)", 14, "single quotes", "'clsoe'"},
        {"1 + stdev(close)", 5, "stddev_pop of the whole", "stddev_samp"},
        {"std(close)", 1, "std does not say of what", "stddev_samp"},
        {"stddev(close)", 1, "stddev_pop of the whole", "stddev_samp"},
        {"variance(close)", 1, "var_samp is of a sample", "var_samp"},
        {"1 + kurtosis(close)", 5, "kurtosis_pop", "kurtosis_samp"},
        {"random()", 1, "random is random: the same rows must give the same numbers", ""},
        {"xyzzy(close)", 1, "packs/README.md lists all functions", ""},
        // Names and forms of other systems.
        {"mean(close)", 1, "unknown function \"mean\"", "avg"},
        {"AVERAGE(close)", 1, "unknown function \"average\"", "avg"},
        {"quantile(close, 0.5)", 1, "unknown function", "quantile_cont(x, 0.5)"},
        {"percentile(close, 50)", 1, "unknown function", "quantile_cont(x, 0.5)"},
        {"count_distinct(side)", 1, "unknown function", "count(DISTINCT x)"},
        {"nunique(side)", 1, "unknown function", "count(DISTINCT x)"},
        {"countif(is_open)", 1, "unknown function", "count(*) FILTER (WHERE c)"},
        {"sum(ifnull(close, 0))", 5, "unknown function", "coalesce"},
        {"sum(nvl(close, 0))", 5, "unknown function", "coalesce"},
        {"count(isnull(close))", 7, "unknown function", "x IS NULL or coalesce(x, y)"},
        {"sum(if(is_open, close, 0))", 5, "unknown function", "CASE WHEN c THEN x ELSE y END"},
        {"sum(iif(is_open, close, 0))", 5, "unknown function", "CASE WHEN c THEN x ELSE y END"},
        {"max(concat(side, 'x'))", 5, "unknown function", "x || y"},
        {"max(len(side))", 5, "unknown function", "length"},
        {"avg(pct_change(close))", 5, "unknown function", "x / lag(x) - 1"},
        {"avg(returns(close))", 5, "unknown function", "x / lag(x) - 1"},
        {"weighted_avg(close, volume)", 1, "unknown function", "vwap(x, weight)"},
        {"p95(close)", 1, "unknown function", "quantile_cont(x, 0.95)"},
        {"p50(close)", 1, "unknown function", "median"},
        {"sum(close - shift(close, 1))", 13, "unknown function", "lag"},
        {"sum(diff(close))", 5, "unknown function", "delta"},
        {"max(cumsum(close))", 5, "unknown function", "cum_sum"},
        {"prod(close)", 1, "unknown function", "product"},
        {"max(year(ts))", 5, "unknown function", "extract(year FROM t)"},
        {"\"AND\"(close)", 1, "unknown function", ""},
        // Places.
        {"close", 1, "outside an aggregate", ""},
        {"sum(close) - open", 14, "outside an aggregate", ""},
        {"sum(close - avg(close))", 13, "inside an aggregate", ""},
        {"lag(sum(close))", 1, "function of rows", ""},
        {"delta(close)", 1, "function of rows", ""},
        {"1 + 2", 3, "needs an aggregate", ""},
        // Argument counts.
        {"sum(close, open)", 1, "takes 1 argument, not 2", ""},
        {"sum(power(close))", 5, "takes 2 arguments, not 1: power(x, y)", ""},
        {"sum(pow(close))", 5, "takes 2 arguments, not 1: pow(x, y)", ""},
        {"sum()", 1, "takes 1 argument, not 0: sum(x)", ""},
        {"vwap(close)", 1, "vwap takes 2 arguments, not 1: vwap(price, volume)", ""},
        {"histogram(close, 10)", 1, "not 2: histogram(x, low, high, n)", ""},
        {"quantile_cont(close)", 1, "not 1: quantile_cont(x, p)", ""},
        {"count(DISTINCT close, open)", 1, "takes 1 argument, not 2: count(DISTINCT x)", ""},
        {"sum(lag(close, 1, 0))", 5, "takes 1 to 2 arguments, not 3: lag(x) or lag(x, n)", ""},
        {"max(substring(side))", 5, "substring(s, from) or substring(s, from, length)", ""},
        // Types.
        {"sum(side)", 5, "sum takes numbers, \"side\" is text", "CAST(... AS float8)"},
        {"sum(is_open)", 5, "sum takes numbers", "count(*) FILTER (WHERE ...)"},
        {"avg(is_open)", 5, "avg takes numbers", "CAST(... AS bigint)"},
        {"sum(close * is_open)", 13, "* takes numbers", "CAST(... AS bigint)"},
        // In the words that were written.
        {"sum(ceiling(side))", 13, "ceiling takes numbers", "CAST(... AS float8)"},
        {"max(extract(day FROM close))", 22, "extract takes dates", ""},
        {"sum(position(1 IN side))", 14, "position takes text", "CAST(... AS text)"},
        {"max(trim(BOTH side FROM 'xax'))", 15, "trim's argument before FROM is a text written out",
         ""},
        {"max(trim(TRAILING side || 'x' FROM upper(side)))", 24,
         "trim's argument before FROM is a text written out", ""},
        {"max(trim(upper(side), side))", 23, "trim's second argument is a text written out", ""},
        {"max(trim(LEADING 'x' FROM close))", 27, "trim takes text", "CAST(... AS text)"},
        {"percentile_cont(0.5) WITHIN GROUP (ORDER BY side)", 45, "percentile_cont takes numbers",
         "CAST(... AS float8)"},
        {"percentile_cont(0.5, 1) WITHIN GROUP (ORDER BY close)", 1,
         "percentile_cont takes 1 argument, not 2: percentile_cont(p) WITHIN GROUP (ORDER BY x)",
         ""},
        {"percentile_disc() WITHIN GROUP (ORDER BY close)", 1,
         "percentile_disc takes 1 argument, not 0", ""},
        {"mode(1) WITHIN GROUP (ORDER BY close)", 1, "mode takes 0 arguments, not 1: mode() WITHIN",
         ""},
        {"sum(percentile_cont(0.5) WITHIN GROUP (ORDER BY close))", 5,
         "the aggregate percentile_cont is inside", ""},
        {"sum(ts)", 5, "numbers", "extract(epoch FROM ...)"},
        {"max(is_open)", 5, "numbers, text, timestamps or dates", ""},
        {"max(ts)", 1, "this is timestamp", "extract(epoch FROM ...)"},
        {"last(day)", 1, "this is date", "extract(epoch FROM ...)"},
        {"array_agg(ts)", 11, "array_agg takes numbers, text or conditions", "CAST(... AS text)"},
        {"array_agg(close) = 1", 1, "the whole of its metric", ""},
        {"sum(close + 'x')", 13, "numbers", "CAST(... AS float8)"},
        {"max(side) + 'x'", 1, "+ takes numbers, found text", "||"},
        {"max('x' + side)", 5, "+ takes numbers", "||"},
        {"sum(close - side)", 13, "- takes numbers", "CAST(... AS float8)"},
        {"max(day - CAST(ts AS date))", 5, "- takes numbers, \"day\" is date",
         "date_diff('day', from, to)"},
        {"max(ts - ts)", 5, "- takes numbers", "date_diff('day', from, to)"},
        {"max(ts - 1)", 5, "- takes numbers", "extract(epoch FROM ...)"},
        {"max(date_diff('day', ts, day))", 26, "one type, here timestamp", "CAST(ts AS date)"},
        {"count(day < ts)", 13, "one type, here date", "CAST(ts AS date)"},
        {"count(day < coalesce(ts, ts))", 13, "one type, here date", "CAST(... AS date)"},
        {"count(is_open = 'true')", 17, "one type, here bool, found text", "TRUE"},
        {"count(is_open <> 'False')", 18, "one type, here bool", "FALSE"},
        {"count(is_open = 1)", 17, "one type, here bool", "TRUE"},
        {"count(is_open = 'maybe')", 17, "one type, here bool", ""},
        {"substring(max(side), 1.5)", 22, "whole numbers", "CAST(... AS bigint)"},
        {"max(date_trunc('day', close)) = '2024-03-10'", 23, "dates or timestamps", ""},
        {"sum(CASE WHEN close THEN 1 END)", 15, "CASE takes conditions", ""},
        {"sum(CASE close WHEN side THEN 1 END)", 21, "CASE takes", ""},
        {"sum(volume) FILTER (WHERE close)", 27, "FILTER takes conditions", ""},
        {"count(*) FILTER (WHERE side)", 24, "FILTER takes conditions", ""},
        {"sum(CASE WHEN is_open THEN 1 ELSE 'x' END)", 35, "one type", ""},
        {"count(ts = day)", 12, "one type", "CAST(ts AS date)"},
        {"count(ts > 'yesterdays')", 12, "not a timestamp", ""},
        {"count(ts > 'yesterday')", 12,
         "'yesterday' reads the clock: the same definition over the same rows "
         "must give the same number",
         ""},
        {"count(day = DATE 'today')", 18, "'today' reads the clock", ""},
        {"sum(close) FILTER (WHERE ts < ' NOW ')", 31, "'now' reads", ""},
        {"count(day = DATE '2024-02-30')", 18, "not a date", ""},
        {"sum(close = side)", 13, "one type", ""},
        // Literals.
        {"sum(lag(close, 0))", 16, "lag's second argument is a whole number", ""},
        {"sum(lag(close, volume))", 16, "written out, from 1 to 1000000", ""},
        {"sum(lag(close, -1))", 16, "whole number", ""},
        {"quantile_cont(close, 1.1)", 22, "from 0 to 1", ""},
        {"quantile_cont(close, -0.1)", 22, "from 0 to 1", ""},
        {"quantile_cont(close, open)", 22, "written out", ""},
        {"quantile_cont(close, NULL)", 22, "written out", ""},
        {"quantile_cont(close, 1.5)", 22, "quantile_cont's second argument is", ""},
        {"percentile_cont(1.5) WITHIN GROUP (ORDER BY close)", 17,
         "percentile_cont's argument is a number written out, from 0 to 1", ""},
        {"percentile_disc(open) WITHIN GROUP (ORDER BY close)", 17,
         "percentile_disc's argument is a number written out", ""},
        {"percentile_cont(2) WITHIN GROUP (ORDER BY close) FILTER (WHERE is_open)", 17,
         "percentile_cont's argument is", ""},
        {"sum(ewma(close, 0))", 17, "above 0 to 1", ""},
        {"histogram(close, 1, 1, 4)", 21, "above its second", ""},
        {"histogram(close, 0, 1, 0)", 24, "from 1 to 1000", ""},
        {"top_k(close, 1001)", 14, "from 1 to 1000", ""},
        {"max(repeat(side, 1001))", 18, "from 0 to 1000", ""},
        {"max(split_part(side, '', 1))", 22, "of 1 to 1000 bytes", ""},
        {"max(split_part(side, ',', 0))", 27, "from 1 to", ""},
        {"max(date_part('yaer', ts))", 15, "no unit 'yaer'", "year"},
        {"max(extract(yeer from ts))", 13, "extract knows no unit 'yeer'", "year"},
        {"max(extract(fortnight FROM ts))", 13, "extract knows no unit 'fortnight'", ""},
        {"max(date_part('fortnight', ts))", 15, "date_part knows no unit 'fortnight'", ""},
        {"max(date_diff('dow', ts, ts))", 15, "no unit 'dow'", ""},
        {"sum(round(close, 1.5))", 18, "whole number", ""},
        {"string_agg(side, side)", 18, "a text written out", ""},
        {"coalesce(sum(close), true)", 22, "one type", ""},
    }));

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

TEST(ExpressionLimitTest, DepthIsBounded) {
  const auto nested = [](int depth) {
    std::string text;
    for (int i = 0; i < depth; ++i) text += "abs(";
    return absl::StatusOr<std::string>(text + "sum(close)" + std::string(depth, ')')).value();
  };
  EXPECT_TRUE(BoundExpression::ParseMetric(nested(62), Bars()).ok());
  ExpectRefused(BoundExpression::ParseMetric(nested(63), Bars()).status(),
                {.position = 63 * 4 + 5, .message = "deeper than 64"});
}

TEST(ExpressionLimitTest, ALongChainIsToldHowItIsDivided) {
  const auto chain = [](int terms) {
    std::string text = "sum(volume)";
    for (int i = 1; i < terms; ++i) text += " + sum(volume)";
    return text;
  };
  EXPECT_TRUE(BoundExpression::ParseMetric(chain(63), Bars()).ok());
  ExpectRefused(BoundExpression::ParseMetric(chain(66), Bars()).status(),
                {.position = 13,
                 .message = "too many terms in one chain of + - * / ||: put parts of it in "
                            "brackets, (a + b) + (c + d), or in metrics of their own"});
  EXPECT_TRUE(
      BoundExpression::ParseMetric("(" + chain(60) + ") + (" + chain(60) + ")", Bars()).ok());
}

// An unknown name has what stands beside it bound too: once, however deep it is.
TEST(ExpressionLimitTest, UnknownNamesTakeNoLongerTheDeeperTheyAre) {
  std::string before = "side";
  std::string after = "side";
  for (int i = 0; i < 30; ++i) {
    before = "(" + before + " = \"a\")";
    after = "(\"a\" = " + after + ")";
  }
  ExpectRefused(BoundExpression::ParseFilter(before, Bars()).status(),
                {.position = 38, .message = "single quotes", .suggestion = "'a'"});
  ExpectRefused(BoundExpression::ParseFilter(after, Bars()).status(),
                {.position = 2, .message = "unknown column \"a\""});
}

TEST(ExpressionLimitTest, NodesAreBounded) {
  std::string list = "volume IN (1";
  for (int i = 0; i < 1997; ++i) list += ",1";
  EXPECT_TRUE(BoundExpression::ParseFilter(list + ")", Bars()).ok());
  ExpectRefused(BoundExpression::ParseFilter(list + ",1)", Bars()).status(),
                {.position = static_cast<int>(list.size()) + 2, .message = "more than 2000"});
}

TEST(ExpressionLimitTest, TextIsBounded) {
  const std::string text = "sum(close)" + std::string(kMaxTextBytes - 10, ' ');
  EXPECT_TRUE(BoundExpression::ParseMetric(text, Bars()).ok());
  ExpectRefused(BoundExpression::ParseMetric(text + " ", Bars()).status(),
                {.position = static_cast<int>(kMaxTextBytes) + 1, .message = "longer than"});
}

TEST(ExpressionLimitTest, BombsOfTheGrammarAreRefused) {
  for (const std::string part : {"- ", "NOT ", "(", "abs(", "CASE WHEN ", "x[", "+ ~"}) {
    std::string text;
    while (text.size() + part.size() < kMaxTextBytes) text += part;
    EXPECT_EQ(status::ReasonOf(BoundExpression::ParseMetric(text, Bars()).status()),
              "EXPRESSION_INVALID");
    EXPECT_EQ(
        status::ReasonOf(
            BoundExpression::ParseMetric(text.substr(0, text.size() - 1) + "1", Bars()).status()),
        "EXPRESSION_INVALID");
  }
}

}  // namespace
}  // namespace metricstore::expression
