// Names that nothing has here, misspelt, in the wrong quotes, or of other systems.

#include "tests/unit/common_expression/refused_expressions.h"

namespace metricstore::expression {

std::vector<Refused> RefusedNames() {
  return {
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
  };
}

}  // namespace metricstore::expression
