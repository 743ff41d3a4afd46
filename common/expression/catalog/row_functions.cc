// Functions of numbers, of one row.

#include "common/expression/catalog/tables.h"

namespace metricstore::expression::catalog {
namespace {

using enum Function;
using enum ResultType;

// DuckDB raises where we give NULL, so that its text asks first.
constexpr FunctionSpec kRowFunctions[] = {
    Row("abs", kAbs, {kNumber}, kOfFirst, "abs($1)")
        .Int64("TRY_CAST(abs($1::HUGEINT) AS BIGINT)")
        .By(VectorForm::kOperation)
        .From(kSqlStandard),
    Row("sign", kSign, {kNumber}, kOfFirst, "CAST(sign($1) AS $type)")
        .By(VectorForm::kOperation)
        .From(kDuckDb),
    Row("floor", kFloor, {kNumber}, kOfFirst, "floor($1)")
        .Int64("$1")
        .By(VectorForm::kOperation)
        .From(kMathHeader),
    Row("ceil", kCeil, {kNumber}, kOfFirst, "ceil($1)")
        .Int64("$1")
        .By(VectorForm::kOperation)
        .From(kMathHeader),
    Row("round", kRound, {kNumber, IntegerIn(-15, 15)}, kOfFirst, "round($1, $2::INTEGER)")
        .Int64("TRY_CAST(round($1::HUGEINT, $2::INTEGER) AS BIGINT)")
        .MayEnd("round($1)")
        .By(VectorForm::kOperation)
        .Takes("x, digits")
        .From("ISO 9899, math.h; digits as in DuckDB 1.4"),
    Row("trunc", kTrunc, {kNumber}, kOfFirst, "trunc($1)").Int64("$1").From(kMathHeader),
    Row("exp", kExp, {kFloat}, kFloat64, "exp($1)").By(VectorForm::kOperation).From(kMathHeader),
    Row("ln", kLn, {kFloat}, kFloat64, "(CASE WHEN $1 > 0 THEN ln($1) END)")
        .By(VectorForm::kOperation)
        .From(kMathHeader),
    Row("log2", kLog2, {kFloat}, kFloat64, "(CASE WHEN $1 > 0 THEN log2($1) END)")
        .From(kMathHeader),
    Row("log10", kLog10, {kFloat}, kFloat64, "(CASE WHEN $1 > 0 THEN log10($1) END)")
        .By(VectorForm::kOperation)
        .From(kMathHeader),
    Row("sqrt", kSqrt, {kFloat}, kFloat64, "(CASE WHEN $1 >= 0 THEN sqrt($1) END)")
        .By(VectorForm::kOperation)
        .From(kMathHeader),
    Row("cbrt", kCbrt, {kFloat}, kFloat64, "cbrt($1)").From(kMathHeader),
    Row("power", kPower, {kFloat, kFloat}, kFloat64,
        "(CASE WHEN ($1 < 0 AND $2 <> trunc($2)) OR ($1 = 0 AND $2 < 0) THEN NULL "
        "ELSE pow($1, $2) END)")
        .By(VectorForm::kOperation)
        .Takes("x, y")
        .From("ISO 9899, math.h; NULL as in PostgreSQL's errors"),
    Row("sin", kSin, {kFloat}, kFloat64, "(CASE WHEN NOT isinf($1) THEN sin($1) END)")
        .From(kMathHeader),
    Row("cos", kCos, {kFloat}, kFloat64, "(CASE WHEN NOT isinf($1) THEN cos($1) END)")
        .From(kMathHeader),
    Row("tan", kTan, {kFloat}, kFloat64, "(CASE WHEN NOT isinf($1) THEN tan($1) END)")
        .From(kMathHeader),
    Row("asin", kAsin, {kFloat}, kFloat64,
        "(CASE WHEN NOT abs($1) > 1 OR isnan($1) THEN asin($1) END)")
        .From(kMathHeader),
    Row("acos", kAcos, {kFloat}, kFloat64,
        "(CASE WHEN NOT abs($1) > 1 OR isnan($1) THEN acos($1) END)")
        .From(kMathHeader),
    Row("atan", kAtan, {kFloat}, kFloat64, "atan($1)").From(kMathHeader),
    Row("atan2", kAtan2, {kFloat, kFloat}, kFloat64, "atan2($1, $2)")
        .Takes("y, x")
        .From(kMathHeader),
    Row("degrees", kDegrees, {kFloat}, kFloat64, "degrees($1)").From(kPostgreSql),
    Row("radians", kRadians, {kFloat}, kFloat64, "radians($1)").From(kPostgreSql),
    Row("is_nan", kIsNan, {kFloat}, kBool, "isnan($1)").From("IEEE 754"),
    Row("is_finite", kIsFinite, {kFloat}, kBool, "isfinite($1)").From("IEEE 754"),
};

}  // namespace

std::span<const FunctionSpec> RowFunctionTable() { return kRowFunctions; }

}  // namespace metricstore::expression::catalog
