// Aggregates that do not read the order of rows, and values of other metrics.

#include "common/expression/catalog/tables.h"

namespace metricstore::expression::catalog {
namespace {

using enum Function;
using enum ResultType;

constexpr ArgumentSpec kShare = {ArgumentType::kRealLiteral, 0, 1};
constexpr ArgumentSpec kHowMany = IntegerIn(1, 1000);

constexpr Entry Aggregate(std::string_view name, Function function, ArgumentSpecs arguments,
                          ResultType result, std::string_view duckdb) {
  return Entry(name, function, FunctionKind::kAggregate, arguments, result, duckdb)
      .Nulls(NullBehaviour::kSkips)
      .By(VectorForm::kWalk);
}

// Of sums of rounded parts. In DuckDB's text #1 is the deviation from the mean.
constexpr Entry Moment(std::string_view name, Function function, std::string_view duckdb) {
  return Aggregate(name, function, {kFloat}, kFloat64, duckdb)
      .Steps("$1 - {favg($1) OVER ()}")
      .Needs(Determinism::kRounded)
      .Distinct(DistinctUse::kCounts);
}

// Of y and x where neither is NULL: #1 and #2, and their deviations #3 and #4.
constexpr Entry OfPairs(std::string_view name, Function function, std::string_view duckdb) {
  return Aggregate(name, function, {kFloat, kFloat}, kFloat64, duckdb)
      .Steps(
          "CASE WHEN $2 IS NOT NULL THEN $1 END; CASE WHEN $1 IS NOT NULL THEN $2 END; "
          "#1 - {favg(#1) OVER ()}; #2 - {favg(#2) OVER ()}")
      .Takes("y, x")
      .Needs(Determinism::kRounded);
}

// DuckDB's own sums, moments and regressions are not compensated, or not taken around the mean, and
// lose all digits where the mean is large: its text takes a second pass over deviations.
constexpr FunctionSpec kAggregates[] = {
    Aggregate("count", kCount, {kAny}, kInt64, "count($1)")
        .Zero()
        .Adds(Additivity::kAdditive)
        .By(VectorForm::kFold)
        .From(kSqlStandard),
    Aggregate("sum", kSum, {kNumber}, kFloat64, "fsum($1)")
        .Int64("CAST(sum($1) AS DOUBLE)")
        .Needs(Determinism::kRounded)
        .Adds(Additivity::kAdditive)
        .Distinct(DistinctUse::kCounts)
        .By(VectorForm::kFold)
        .From("Neumaier 1974"),
    Aggregate("avg", kAvg, {kNumber}, kFloat64, "favg($1)")
        .Int64("(CAST(sum($1) AS DOUBLE) / count($1))")
        .Needs(Determinism::kRounded)
        .Distinct(DistinctUse::kCounts)
        .MadeOf("sum($1) / count($1)")
        .From("Neumaier 1974"),
    Aggregate("min", kMin, {kOrdered}, kOfFirst, "min($1)")
        .Adds(Additivity::kMergeable)
        .Distinct(DistinctUse::kNoMatter)
        .By(VectorForm::kFold)
        .From(kSqlStandard),
    Aggregate("max", kMax, {kOrdered}, kOfFirst, "max($1)")
        .Adds(Additivity::kMergeable)
        .Distinct(DistinctUse::kNoMatter)
        .By(VectorForm::kFold)
        .From(kSqlStandard),
    Moment("var_samp", kVarSamp,
           "(CASE WHEN max($1) = min($1) AND count($1) > 1 THEN 0 ELSE "
           "fsum(pow(#1, 2)) / nullif(count($1) - 1, 0) END)")
        .By(VectorForm::kFold)
        .From("ISO 9075-2; two passes: Chan, Golub & LeVeque 1983"),
    Moment("var_pop", kVarPop,
           "(CASE WHEN max($1) = min($1) THEN 0 ELSE fsum(pow(#1, 2)) / count($1) END)")
        .By(VectorForm::kFold)
        .From("ISO 9075-2; two passes: Chan, Golub & LeVeque 1983"),
    Moment("stddev_samp", kStddevSamp,
           "(CASE WHEN max($1) = min($1) AND count($1) > 1 THEN 0 ELSE "
           "sqrt(fsum(pow(#1, 2)) / nullif(count($1) - 1, 0)) END)")
        .MadeOf("sqrt(var_samp($1))")
        .From("ISO 9075-2; two passes: Chan, Golub & LeVeque 1983"),
    Moment("stddev_pop", kStddevPop,
           "(CASE WHEN max($1) = min($1) THEN 0 ELSE sqrt(fsum(pow(#1, 2)) / count($1)) END)")
        .MadeOf("sqrt(var_pop($1))")
        .From("ISO 9075-2; two passes: Chan, Golub & LeVeque 1983"),
    Moment("skewness_samp", kSkewnessSamp,
           "(CASE WHEN count($1) > 2 AND max($1) > min($1) THEN "
           "favg(pow(#1, 3)) / pow(nullif(favg(pow(#1, 2)), 0), 1.5) * "
           "sqrt(count($1) * (count($1) - 1e0)) / (count($1) - 2) END)")
        .From("Joanes & Gill 1998, G1"),
    Moment("skewness_pop", kSkewnessPop,
           "(CASE WHEN max($1) > min($1) THEN "
           "favg(pow(#1, 3)) / pow(nullif(favg(pow(#1, 2)), 0), 1.5) END)")
        .From("Joanes & Gill 1998, g1"),
    Moment("kurtosis_samp", kKurtosisSamp,
           "(CASE WHEN count($1) > 3 AND max($1) > min($1) THEN "
           "(count($1) - 1e0) / ((count($1) - 2e0) * (count($1) - 3)) * ((count($1) + 1) * "
           "(favg(pow(#1, 4)) / pow(nullif(favg(pow(#1, 2)), 0), 2) - 3) + 6) END)")
        .From("Joanes & Gill 1998, G2"),
    Moment("kurtosis_pop", kKurtosisPop,
           "(CASE WHEN max($1) > min($1) THEN "
           "favg(pow(#1, 4)) / pow(nullif(favg(pow(#1, 2)), 0), 2) - 3 END)")
        .From("Joanes & Gill 1998, g2"),
    OfPairs("covar_samp", kCovarSamp, "(fsum(#3 * #4) / nullif(count(#1) - 1, 0))")
        .From("ISO 9075-2; two passes: Chan, Golub & LeVeque 1983"),
    OfPairs("covar_pop", kCovarPop, "(fsum(#3 * #4) / nullif(count(#1), 0))")
        .From("ISO 9075-2; two passes: Chan, Golub & LeVeque 1983"),
    OfPairs("corr", kCorr,
            "(CASE WHEN max(#1) > min(#1) AND max(#2) > min(#2) THEN fsum(#3 * #4) / "
            "nullif(sqrt(fsum(pow(#3, 2))) * sqrt(fsum(pow(#4, 2))), 0) END)")
        .From("Pearson 1895"),
    OfPairs("regr_slope", kRegrSlope,
            "(CASE WHEN max(#2) > min(#2) THEN "
            "fsum(#3 * #4) / nullif(fsum(pow(#4, 2)), 0) END)")
        .From("ISO 9075-2, least squares of y on x"),
    OfPairs("regr_intercept", kRegrIntercept,
            "(CASE WHEN max(#2) > min(#2) THEN "
            "favg(#1) - favg(#2) * fsum(#3 * #4) / nullif(fsum(pow(#4, 2)), 0) END)")
        .From("ISO 9075-2, least squares of y on x"),
    OfPairs("regr_r2", kRegrR2,
            "(CASE WHEN max(#2) > min(#2) THEN CASE WHEN max(#1) > min(#1) THEN "
            "pow(fsum(#3 * #4) / nullif(sqrt(fsum(pow(#3, 2))) * sqrt(fsum(pow(#4, 2))), 0), 2) "
            "ELSE 1 END END)")
        .From("ISO 9075-2, least squares of y on x"),
    Aggregate("regr_count", kRegrCount, {kFloat, kFloat}, kInt64,
              "CAST(regr_count($1, $2) AS BIGINT)")
        .Zero()
        .Adds(Additivity::kAdditive)
        .MadeOf("count($2) FILTER (WHERE $1 IS NOT NULL)")
        .Takes("y, x")
        .From(kSqlStandard),
    Aggregate("median", kMedian, {kFloat}, kFloat64, "quantile_cont($1, 0.5)")
        .Distinct(DistinctUse::kCounts)
        .By(VectorForm::kRanked)
        .From("Hyndman & Fan 1996, type 7"),
    Aggregate("quantile_cont", kQuantileCont, {kFloat, kShare}, kFloat64, "quantile_cont($1, $2)")
        .Distinct(DistinctUse::kCounts)
        .Within("percentile_cont")
        .By(VectorForm::kRanked)
        .Takes("x, p")
        .From("Hyndman & Fan 1996, type 7"),
    Aggregate("quantile_disc", kQuantileDisc, {kMetrical, kShare}, kOfFirst,
              "quantile_disc($1, $2)")
        .Distinct(DistinctUse::kCounts)
        .Within("percentile_disc")
        .By(VectorForm::kRanked)
        .Takes("x, p")
        .From("Hyndman & Fan 1996, type 1"),
    Aggregate("bool_and", kBoolAnd, {kCondition}, kBool, "bool_and($1)")
        .Adds(Additivity::kMergeable)
        .Distinct(DistinctUse::kNoMatter)
        .By(VectorForm::kFold)
        .From(kSqlStandard),
    Aggregate("bool_or", kBoolOr, {kCondition}, kBool, "bool_or($1)")
        .Adds(Additivity::kMergeable)
        .Distinct(DistinctUse::kNoMatter)
        .By(VectorForm::kFold)
        .From(kSqlStandard),
    Aggregate("product", kProduct, {kFloat}, kFloat64, "product($1)")
        .Needs(Determinism::kRounded)
        .Adds(Additivity::kMergeable)
        .Distinct(DistinctUse::kCounts)
        .From("Ogita, Rump & Oishi 2009"),
    Aggregate("geometric_mean", kGeometricMean, {kFloat}, kFloat64,
              "(CASE WHEN min($1) > 0 THEN exp(favg(CASE WHEN $1 > 0 THEN ln($1) END)) END)")
        .Needs(Determinism::kRounded)
        .Distinct(DistinctUse::kCounts)
        .From("exp(avg(ln(x))); Ogita, Rump & Oishi 2009"),
    Aggregate("entropy", kEntropy, {kAny}, kFloat64,
              "(CASE WHEN count($1) > 0 THEN entropy($1) END)")
        .Needs(Determinism::kRounded)
        .From("Shannon 1948, in bits"),
    Aggregate("histogram", kHistogram, {kFloat, kReal, kReal, kHowMany}, kVectorOfInt64,
              "(CASE WHEN count($1) > 0 THEN list_transform(range(0, $4), lambda bin: "
              "len(list_filter(list($1), lambda x: x BETWEEN $2 AND $3 AND "
              "(bin = 0 OR x >= $2 + ($3 / $4 - $2 / $4) * bin) AND "
              "(bin = $4 - 1 OR x < $2 + ($3 / $4 - $2 / $4) * (bin + 1))))) END)")
        .Adds(Additivity::kAdditive)
        .Distinct(DistinctUse::kCounts)
        .Takes("x, low, high, n")
        .From("bins of one width, as PostgreSQL 15's width_bucket; the last has its upper end"),
    Aggregate("top_k", kTopK, {kNumber, kHowMany}, kVectorOfFirst, "max($1, $2)")
        .Adds(Additivity::kMergeable)
        .Distinct(DistinctUse::kCounts)
        .Takes("x, k")
        .From("DuckDB 1.4, max(x, k)"),
    Aggregate("bottom_k", kBottomK, {kNumber, kHowMany}, kVectorOfFirst, "min($1, $2)")
        .Adds(Additivity::kMergeable)
        .Distinct(DistinctUse::kCounts)
        .Takes("x, k")
        .From("DuckDB 1.4, min(x, k)"),
    // The binder checks the id and the offset. It has no text: another evaluation gives its value.
    Entry("metric", kMetric, FunctionKind::kBucket, {kTextLiteral, kTextLiteral}, kFloat64, "")
        .MayEnd()
        .By(VectorForm::kReference)
        .Takes("'category/name', '1 month'")
        .From("the other metric's own"),
};

}  // namespace

std::span<const FunctionSpec> AggregateTable() { return kAggregates; }

}  // namespace metricstore::expression::catalog
