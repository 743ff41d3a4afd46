// Operators and constructs of the grammar.

#include "common/expression/catalog/tables.h"

namespace metricstore::expression::catalog {
namespace {

using enum Function;
using enum ResultType;
using Nulls = NullBehaviour;

constexpr ArgumentSpec kPattern = ArgumentType::kPatternLiteral;

// DuckDB raises where our int64 gives NULL.
constexpr FunctionSpec kOperators[] = {
    Row("+", kAdd, {kNumber, kNumber}, kOfFirst, "($1 + $2)")
        .Int64("TRY_CAST($1::HUGEINT + $2 AS BIGINT)")
        .By(VectorForm::kOperation)
        .From(kSqlStandard),
    Row("-", kSubtract, {kNumber, kNumber}, kOfFirst, "($1 - $2)")
        .Int64("TRY_CAST($1::HUGEINT - $2 AS BIGINT)")
        .By(VectorForm::kOperation)
        .From(kSqlStandard),
    Row("*", kMultiply, {kNumber, kNumber}, kOfFirst, "($1 * $2)")
        .Int64("TRY_CAST($1::HUGEINT * $2 AS BIGINT)")
        .By(VectorForm::kOperation)
        .From(kSqlStandard),
    Row("/", kDivide, {kFloat, kFloat}, kFloat64, "($1 / nullif($2, 0))")
        .By(VectorForm::kOperation)
        .From("ISO 9075-2; always real, NULL by zero"),
    // The least int64 % -1 overflows.
    Row("%", kModulo, {kNumber, kNumber}, kOfFirst, "($1 % nullif($2, 0))")
        .Int64("($1 % nullif(CASE WHEN $2 = -1 THEN 1 ELSE $2 END, 0))")
        .By(VectorForm::kOperation)
        .From("ISO 9899, fmod"),
    Row("^", kPower, {kFloat, kFloat}, kFloat64,
        "(CASE WHEN ($1 < 0 AND $2 <> trunc($2)) OR ($1 = 0 AND $2 < 0) THEN NULL "
        "ELSE pow($1, $2) END)")
        .By(VectorForm::kOperation)
        .From("ISO 9899, pow"),
    Row("unary -", kNegate, {kNumber}, kOfFirst, "(- $1)")
        .Int64("TRY_CAST(- ($1::HUGEINT) AS BIGINT)")
        .By(VectorForm::kOperation)
        .From(kSqlStandard),
    Row("=", kEqual, {kAny, kAny}, kBool, "($1 = $2)")
        .By(VectorForm::kComparison)
        .From(kSqlStandard),
    Row("<>", kNotEqual, {kAny, kAny}, kBool, "($1 <> $2)")
        .By(VectorForm::kComparison)
        .From(kSqlStandard),
    Row("<", kLess, {kAny, kAny}, kBool, "($1 < $2)")
        .By(VectorForm::kComparison)
        .From(kSqlStandard),
    Row("<=", kLessEqual, {kAny, kAny}, kBool, "($1 <= $2)")
        .By(VectorForm::kComparison)
        .From(kSqlStandard),
    Row(">", kGreater, {kAny, kAny}, kBool, "($1 > $2)")
        .By(VectorForm::kComparison)
        .From(kSqlStandard),
    Row(">=", kGreaterEqual, {kAny, kAny}, kBool, "($1 >= $2)")
        .By(VectorForm::kComparison)
        .From(kSqlStandard),
    Row("IS DISTINCT FROM", kIsDistinct, {kAny, kAny}, kBool, "($1 IS DISTINCT FROM $2)")
        .Nulls(Nulls::kSees)
        .MadeOf("NOT (coalesce($1 = $2, false) OR ($1 IS NULL AND $2 IS NULL))")
        .From(kSqlStandard),
    Row("IS NOT DISTINCT FROM", kIsNotDistinct, {kAny, kAny}, kBool, "($1 IS NOT DISTINCT FROM $2)")
        .Nulls(Nulls::kSees)
        .MadeOf("coalesce($1 = $2, false) OR ($1 IS NULL AND $2 IS NULL)")
        .From(kSqlStandard),
    Row("AND", kAnd, {kCondition}, kBool, "($1[ AND ])")
        .Repeats(2)
        .Nulls(Nulls::kSees)
        .By(VectorForm::kOperation)
        .From(kSqlStandard),
    Row("OR", kOr, {kCondition}, kBool, "($1[ OR ])")
        .Repeats(2)
        .Nulls(Nulls::kSees)
        .By(VectorForm::kOperation)
        .From(kSqlStandard),
    Row("NOT", kNot, {kCondition}, kBool, "(NOT $1)").By(VectorForm::kOperation).From(kSqlStandard),
    Row("IS NULL", kIsNull, {kAny}, kBool, "($1 IS NULL)")
        .Nulls(Nulls::kSees)
        .By(VectorForm::kChoice)
        .From(kSqlStandard),
    Row("IS NOT NULL", kIsNotNull, {kAny}, kBool, "($1 IS NOT NULL)")
        .Nulls(Nulls::kSees)
        .MadeOf("NOT ($1 IS NULL)")
        .From(kSqlStandard),
    Row("BETWEEN", kBetween, {kAny, kAny, kAny}, kBool, "($1 BETWEEN $2 AND $3)")
        .Nulls(Nulls::kSees)
        .MadeOf("$1 >= $2 AND $1 <= $3")
        .From(kSqlStandard),
    Row("IN", kIn, {kAny}, kBool, "($1 IN ($2[, ]))")
        .Repeats(2)
        .Nulls(Nulls::kSees)
        .By(VectorForm::kChoice)
        .From(kSqlStandard),
    Row("LIKE", kLike, {kString, kPattern}, kBool, R"(($1 LIKE $2 ESCAPE '\'))")
        .By(VectorForm::kTextTest)
        .From(kSqlStandard),
    // DuckDB's ILIKE folds more than the letters of ASCII.
    Row("ILIKE", kIlike, {kString, kPattern}, kBool,
        "(translate($1, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz') LIKE "
        "translate($2, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz') "
        R"(ESCAPE '\'))")
        .By(VectorForm::kTextTest)
        .From(kPostgreSql),
    // The binder checks conditions, candidates and results of CASE apart.
    Row("CASE", kCase, {kAny}, kOfLast, "(CASE $arms END)")
        .Repeats(3)
        .Nulls(Nulls::kSees)
        .By(VectorForm::kChoice)
        .From(kSqlStandard),
    Row("CASE OF", kCaseOf, {kAny}, kOfLast, "(CASE $arms END)")
        .Repeats(4)
        .Nulls(Nulls::kSees)
        .By(VectorForm::kChoice)
        .From(kSqlStandard),
    Row("COALESCE", kCoalesce, {kAny}, kOfFirst, "coalesce($1[, ])")
        .Repeats(1)
        .Nulls(Nulls::kSees)
        .By(VectorForm::kOperation)
        .From(kSqlStandard),
    Row("NULLIF", kNullIf, {kAny, kAny}, kOfFirst, "nullif($1, $2)")
        .Nulls(Nulls::kSees)
        .By(VectorForm::kOperation)
        .From(kSqlStandard),
    Row("GREATEST", kGreatest, {kOrdered}, kOfFirst, "greatest($1[, ])")
        .Repeats(1)
        .Nulls(Nulls::kSkips)
        .By(VectorForm::kOperation)
        .From(kPostgreSql),
    Row("LEAST", kLeast, {kOrdered}, kOfFirst, "least($1[, ])")
        .Repeats(1)
        .Nulls(Nulls::kSkips)
        .By(VectorForm::kOperation)
        .From(kPostgreSql),
    Row("to float64", kToFloat64, {kInteger}, kFloat64, "CAST($1 AS DOUBLE)")
        .By(VectorForm::kOperation)
        .From("IEEE 754, to nearest"),
    Row("CAST", kCast, {kAny}, kOfCast, "TRY_CAST($1 AS $type)")
        .By(VectorForm::kCast)
        .From("DuckDB 1.4, TRY_CAST"),
    Row("||", kConcat, {kString, kString}, kText, "($1 || $2)")
        .By(VectorForm::kText)
        .From(kSqlStandard),
    Entry("count(*)", kCountRows, FunctionKind::kAggregate, {}, kInt64, "count(*)")
        .Nulls(Nulls::kSees)
        .Zero()
        .Adds(Additivity::kAdditive)
        .By(VectorForm::kFold)
        .From(kSqlStandard),
    Entry("count(DISTINCT)", kCountDistinct, FunctionKind::kAggregate, {kAny}, kInt64,
          "count(DISTINCT $1)")
        .Nulls(Nulls::kSkips)
        .Zero()
        .By(VectorForm::kRanked)
        .From(kSqlStandard),
};

}  // namespace

std::span<const FunctionSpec> OperatorTable() { return kOperators; }

}  // namespace metricstore::expression::catalog
