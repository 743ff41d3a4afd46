// Functions that read the order of rows: of a row and its neighbours, and aggregates.

#include "common/expression/catalog/tables.h"

namespace metricstore::expression::catalog {
namespace {

using enum Function;
using enum ResultType;
using Nulls = NullBehaviour;

constexpr ArgumentSpec kRows = IntegerIn(1, 1'000'000);  // no window of rows is longer
constexpr ArgumentSpec kShareOfNew = {ArgumentType::kRealLiteral, 0, 1, true};

// In DuckDB's text.
constexpr std::string_view kBefore = "lag($1) OVER (ORDER BY $order)";

constexpr Entry Neighbour(std::string_view name, Function function, ArgumentSpecs arguments,
                          ResultType result, std::string_view duckdb) {
  return Entry(name, function, FunctionKind::kOrderedRow, arguments, result, duckdb)
      .Needs(Determinism::kOrdered);
}

constexpr Entry Ordered(std::string_view name, Function function, ArgumentSpecs arguments,
                        ResultType result, std::string_view duckdb) {
  return Entry(name, function, FunctionKind::kAggregate, arguments, result, duckdb)
      .Nulls(Nulls::kSkips)
      .Needs(Determinism::kOrdered)
      .By(VectorForm::kWalk);
}

constexpr FunctionSpec kOrderedFunctions[] = {
    Neighbour("lag", kLag, {kAny, kRows}, kOfFirst, "{lag($1, $2) OVER (ORDER BY $order)}")
        .MayEnd("{lag($1) OVER (ORDER BY $order)}")
        .Nulls(Nulls::kSees)
        .By(VectorForm::kNeighbour)
        .Takes("x, n")
        .From(kSqlStandard),
    Neighbour("lead", kLead, {kAny, kRows}, kOfFirst, "{lead($1, $2) OVER (ORDER BY $order)}")
        .MayEnd("{lead($1) OVER (ORDER BY $order)}")
        .Nulls(Nulls::kSees)
        .By(VectorForm::kNeighbour)
        .Takes("x, n")
        .From(kSqlStandard),
    Neighbour("delta", kDelta, {kNumber}, kOfFirst, "($1 - #1)")
        .Int64("TRY_CAST($1::HUGEINT - #1 AS BIGINT)")
        .Steps(kBefore)
        .MadeOf("$1 - lag($1)")
        .From("x - lag(x)"),
    Neighbour("log_return", kLogReturn, {kFloat}, kFloat64,
              "(CASE WHEN $1 / nullif(#1, 0) > 0 THEN ln($1 / #1) END)")
        .Steps(kBefore)
        .MadeOf("ln($1 / lag($1))")
        .From("ln(x / lag(x))"),
    Neighbour("cum_sum", kCumSum, {kFloat}, kFloat64,
              "{fsum($1) OVER (ORDER BY $order ROWS UNBOUNDED PRECEDING)}")
        .Nulls(Nulls::kSkips)
        .By(VectorForm::kRunning)
        .From("Neumaier 1974"),
    Neighbour("cum_max", kCumMax, {kNumber}, kOfFirst,
              "{max($1) OVER (ORDER BY $order ROWS UNBOUNDED PRECEDING)}")
        .Nulls(Nulls::kSkips)
        .By(VectorForm::kRunning)
        .From(kSqlStandard),
    Neighbour("cum_min", kCumMin, {kNumber}, kOfFirst,
              "{min($1) OVER (ORDER BY $order ROWS UNBOUNDED PRECEDING)}")
        .Nulls(Nulls::kSkips)
        .By(VectorForm::kRunning)
        .From(kSqlStandard),
    Neighbour("ewma", kEwma, {kFloat, kShareOfNew}, kFloat64,
              "list_reduce(#1, lambda e, x: $2 * x + (1 - $2) * e)")
        .Steps("list($1) FILTER (WHERE $1 IS NOT NULL) OVER (ORDER BY $order ROWS UNBOUNDED "
               "PRECEDING)")
        .Nulls(Nulls::kSkips)
        .By(VectorForm::kRunning)
        .Takes("x, alpha")
        .From("Roberts 1959"),

    // DuckDB's own first and last see NULL.
    Ordered("first", kFirst, {kAny}, kOfFirst, "arg_min($1, $order) FILTER (WHERE $1 IS NOT NULL)")
        .Adds(Additivity::kMergeable)
        .By(VectorForm::kFold)
        .From("DuckDB 1.4, in the order of time"),
    Ordered("last", kLast, {kAny}, kOfFirst, "arg_max($1, $order) FILTER (WHERE $1 IS NOT NULL)")
        .Adds(Additivity::kMergeable)
        .By(VectorForm::kFold)
        .From("DuckDB 1.4, in the order of time"),
    Ordered("any_value", kAnyValue, {kAny}, kOfFirst,
            "arg_min($1, $order) FILTER (WHERE $1 IS NOT NULL)")
        .Adds(Additivity::kMergeable)
        .MadeOf("first($1)")
        .From("ISO 9075-2, the first"),
    Ordered("arg_min", kArgMin, {kAny, kOrdered}, kOfFirst,
            "first($1 ORDER BY $2, $order) FILTER (WHERE $1 IS NOT NULL AND $2 IS NOT NULL)")
        .Apart()
        .Takes("x, by")
        .From("DuckDB 1.4, of several the first"),
    Ordered("arg_max", kArgMax, {kAny, kOrdered}, kOfFirst,
            "first($1 ORDER BY $2 DESC, $order) FILTER (WHERE $1 IS NOT NULL AND $2 IS NOT NULL)")
        .Apart()
        .Takes("x, by")
        .From("DuckDB 1.4, of several the first"),
    Ordered("mode", kMode, {kAny}, kOfFirst,
            "first($1 ORDER BY {count($1) OVER (PARTITION BY $1)} DESC, $order) "
            "FILTER (WHERE $1 IS NOT NULL)")
        .Within("mode")
        .From("PostgreSQL 15, of several the first"),
    Ordered("string_agg", kStringAgg, {kString, kTextLiteral}, kText,
            "string_agg($1, $2 ORDER BY $order)")
        .Distinct(DistinctUse::kCounts)
        .Takes("x, ','")
        .From(kPostgreSql),
    Ordered("array_agg", kArrayAgg, {kListed}, kVectorOfFirst,
            "list($1 ORDER BY $order) FILTER (WHERE $1 IS NOT NULL)")
        .Adds(Additivity::kMergeable)
        .Distinct(DistinctUse::kCounts)
        .From("PostgreSQL 15, without NULL"),
    Ordered("max_drawdown", kMaxDrawdown, {kFloat}, kFloat64,
            "max(1 - $1 / #1) FILTER (WHERE $1 > 0)")
        .Steps("max(CASE WHEN $1 > 0 THEN $1 END) OVER (ORDER BY $order ROWS UNBOUNDED PRECEDING)")
        .From("Magdon-Ismail & Atiya 2004"),
    Ordered("realized_volatility", kRealizedVolatility, {kFloat}, kFloat64,
            "sqrt(fsum(CASE WHEN $1 / nullif(#1, 0) > 0 THEN pow(ln($1 / #1), 2) END))")
        .Steps("lag($1 IGNORE NULLS) OVER (ORDER BY $order)")
        .From("Andersen & Bollerslev 1998"),
    Ordered("vwap", kVwap, {kFloat, kFloat}, kFloat64,
            "(fsum($1 * $2) / nullif(fsum(CASE WHEN $1 IS NOT NULL THEN $2 END), 0))")
        .Needs(Determinism::kRounded)
        .MadeOf("sum($1 * $2) / sum($2) FILTER (WHERE $1 IS NOT NULL)")
        .Takes("price, volume")
        .From("Berkowitz, Logue & Noser 1988"),
    // Of a row with a value, #2 is the time to the next one.
    Ordered("twap", kTwap, {kFloat}, kFloat64,
            "(CASE WHEN count($1) = 1 THEN max($1) "
            "ELSE fsum($1 * #2) / nullif(sum(#2), 0) END)")
        .Steps("min(CASE WHEN $1 IS NOT NULL THEN $time END) OVER (ORDER BY $order ROWS BETWEEN 1 "
               "FOLLOWING AND UNBOUNDED FOLLOWING); "
               "CASE WHEN $1 IS NOT NULL THEN epoch_us(#1) - epoch_us($time) END")
        .ReadsTime()
        .From("Berkowitz, Logue & Noser 1988, with times for volumes"),
    // Without spread by the extremes: deviations of equal values may round to a little more than
    // zero.
    Ordered("zscore_samp", kZscoreSamp, {kFloat}, kFloat64,
            "(CASE WHEN max($1) > min($1) THEN arg_max(#1, $order) FILTER (WHERE #1 IS NOT NULL) "
            "/ sqrt(fsum(pow(#1, 2)) / (count($1) - 1)) END)")
        .Steps("$1 - {favg($1) OVER ()}")
        .MadeOf(
            "CASE WHEN min($1) = max($1) THEN NULL ELSE (last($1) - avg($1)) / stddev_samp($1) END")
        .From("ISO 3534-1, standardised variable"),
    Ordered("zscore_pop", kZscorePop, {kFloat}, kFloat64,
            "(CASE WHEN max($1) > min($1) THEN arg_max(#1, $order) FILTER (WHERE #1 IS NOT NULL) "
            "/ sqrt(fsum(pow(#1, 2)) / count($1)) END)")
        .Steps("$1 - {favg($1) OVER ()}")
        .MadeOf(
            "CASE WHEN min($1) = max($1) THEN NULL ELSE (last($1) - avg($1)) / stddev_pop($1) END")
        .From("ISO 3534-1, standardised variable"),
};

}  // namespace

std::span<const FunctionSpec> OrderedFunctionTable() { return kOrderedFunctions; }

}  // namespace metricstore::expression::catalog
