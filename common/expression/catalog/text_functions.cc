// Functions of text, and of dates and instants, of one row.

#include "common/expression/catalog/tables.h"

namespace metricstore::expression::catalog {
namespace {

using enum Function;
using enum ResultType;

// Literals that would mean nothing when empty, or could make texts without end.
constexpr ArgumentSpec kFill = {ArgumentType::kTextLiteral, 1, 1000};
constexpr ArgumentSpec kSeparator = {ArgumentType::kTextLiteral, 1, 1000};

constexpr Entry Text(std::string_view name, Function function, ArgumentSpecs arguments,
                     ResultType result, std::string_view duckdb) {
  return Row(name, function, arguments, result, duckdb).By(VectorForm::kText);
}

constexpr FunctionSpec kTextFunctions[] = {
    Text("length", kLength, {kString}, kInt64, "length($1)").From(kSqlStandard),
    Text("lower", kLower, {kString}, kText, "lower($1)")
        .From("Unicode, simple mapping of Latin, Greek and Cyrillic"),
    Text("upper", kUpper, {kString}, kText, "upper($1)")
        .From("Unicode, simple mapping of Latin, Greek and Cyrillic"),
    Text("trim", kTrim, {kString, kTextLiteral}, kText, "trim($1, $2)")
        .MayEnd("trim($1)")
        .Takes("s, 'xy'")
        .From(kPostgreSql),
    Text("ltrim", kTrimLeft, {kString, kTextLiteral}, kText, "ltrim($1, $2)")
        .MayEnd("ltrim($1)")
        .Takes("s, 'xy'")
        .From(kPostgreSql),
    Text("rtrim", kTrimRight, {kString, kTextLiteral}, kText, "rtrim($1, $2)")
        .MayEnd("rtrim($1)")
        .Takes("s, 'xy'")
        .From(kPostgreSql),
    // DuckDB counts a start below 1 from the end, and refuses numbers above 32 bits.
    // DuckDB's least and greatest skip NULL.
    Text("substring", kSubstring, {kString, kInteger, kInteger}, kText,
         "(CASE WHEN $3 >= 0 AND $2 IS NOT NULL THEN substring($1, least(greatest($2, 1), "
         "1000000000), "
         "least(greatest(least($2, 1)::HUGEINT - 1 + $3, 0), 1000000000)::BIGINT) END)")
        .MayEnd(
            "(CASE WHEN $2 IS NOT NULL THEN substring($1, least(greatest($2, 1), 1000000000)) END)")
        .Apart()
        .Takes("s, from, length")
        .From(kPostgreSql),
    Text("left", kLeft, {kString, kInteger}, kText,
         "(CASE WHEN $2 IS NOT NULL THEN left($1, greatest(least($2, 1000000000), -1000000000)) "
         "END)")
        .Apart()
        .Takes("s, n")
        .From(kPostgreSql),
    Text("right", kRight, {kString, kInteger}, kText,
         "(CASE WHEN $2 IS NOT NULL THEN right($1, greatest(least($2, 1000000000), -1000000000)) "
         "END)")
        .Apart()
        .Takes("s, n")
        .From(kPostgreSql),
    Text("replace", kReplace, {kString, kString, kString}, kText, "replace($1, $2, $3)")
        .Takes("s, from, to")
        .From(kPostgreSql),
    Text("starts_with", kStartsWith, {kString, kString}, kBool, "starts_with($1, $2)")
        .Takes("s, x")
        .From(kPostgreSql),
    Text("ends_with", kEndsWith, {kString, kString}, kBool, "ends_with($1, $2)")
        .Takes("s, x")
        .From(kDuckDb),
    Text("contains", kContains, {kString, kString}, kBool, "contains($1, $2)")
        .Takes("s, x")
        .From(kDuckDb),
    Text("strpos", kPosition, {kString, kString}, kInt64, "strpos($1, $2)")
        .Takes("s, part")
        .From(kPostgreSql),
    // The engine makes no texts as long as DuckDB's are cut off here.
    Text("lpad", kPadLeft, {kString, kInteger, kFill}, kText,
         "(CASE WHEN $2 IS NOT NULL THEN lpad($1, least(greatest($2, 0), 1000000)::INTEGER, $3) "
         "END)")
        .MayEnd("(CASE WHEN $2 IS NOT NULL THEN lpad($1, least(greatest($2, 0), 1000000)::INTEGER, "
                "' ') END)")
        .Apart()
        .Takes("s, length, 'xy'")
        .From(kPostgreSql),
    Text("rpad", kPadRight, {kString, kInteger, kFill}, kText,
         "(CASE WHEN $2 IS NOT NULL THEN rpad($1, least(greatest($2, 0), 1000000)::INTEGER, $3) "
         "END)")
        .MayEnd("(CASE WHEN $2 IS NOT NULL THEN rpad($1, least(greatest($2, 0), 1000000)::INTEGER, "
                "' ') END)")
        .Apart()
        .Takes("s, length, 'xy'")
        .From(kPostgreSql),
    Text("repeat", kRepeat, {kString, IntegerIn(0, 1000)}, kText, "repeat($1, $2)")
        .Takes("s, n")
        .From(kPostgreSql),
    // DuckDB's reverse keeps what forms one character on screen together.
    Text("reverse", kReverse, {kString}, kText,
         "array_to_string(list_reverse(string_split($1, '')), '')")
        .From("PostgreSQL 15, by code points"),
    Text("split_part", kSplitPart, {kString, kSeparator, IntegerIn(1, 1'000'000)}, kText,
         "split_part($1, $2, $3)")
        .Takes("s, ',', n")
        .From(kPostgreSql),
    // DuckDB's seconds have no fraction.
    Row("date_part", kDatePart, {kPart, kTime}, kOfPart,
        "CAST(CASE $1 WHEN 'second' THEN date_part('microseconds', $2) / 1e6 "
        "ELSE date_part($1, $2) END AS $type)")
        .Takes("'day', t")
        .From(kPostgreSql),
    Row("date_trunc", kDateTrunc, {kUnit, kTime}, kTimestamp,
        "CAST(date_trunc($1, $2) AS TIMESTAMP)")
        .Takes("'day', t")
        .From(kPostgreSql),
    Row("date_diff", kDateDiff, {kUnit, kTime, kTime}, kInt64, "date_diff($1, $2, $3)")
        .Takes("'day', from, to")
        .From(kDuckDb),
};

}  // namespace

std::span<const FunctionSpec> TextFunctionTable() { return kTextFunctions; }

}  // namespace metricstore::expression::catalog
