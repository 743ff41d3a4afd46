#include "tests/unit/common_expression/function_calls_fixture.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace metricstore::expression {

using columns::ColumnType;
using ::testing::HasSubstr;
using ::testing::Not;

const Schema& Rows() {
  static const Schema schema = {{"x", ColumnType::kFloat64},
                                {"n", ColumnType::kInt64},
                                {"b", ColumnType::kBool},
                                {"s", ColumnType::kText},
                                {"ts", ColumnType::kTimestamp}};
  return schema;
}

namespace {

// An argument that fits.
std::string FittingArgument(const ArgumentSpec& spec, size_t index) {
  switch (spec.type) {
    case ArgumentType::kInt64:
      return "n";
    case ArgumentType::kBool:
      return "b";
    case ArgumentType::kText:
      return "s";
    case ArgumentType::kTime:
      return "ts";
    case ArgumentType::kIntegerLiteral:
      return "2";
    case ArgumentType::kRealLiteral:  // of histogram: its ends
      return index == 2 ? "1.0" : "0.5";
    case ArgumentType::kTextLiteral:
    case ArgumentType::kPatternLiteral:
      return "'a'";
    case ArgumentType::kUnitLiteral:
    case ArgumentType::kPartLiteral:
      return "'day'";
    default:
      return "x";
  }
}

}  // namespace

std::vector<std::string> FittingArguments(const FunctionSpec& spec, int count) {
  std::vector<std::string> arguments;
  for (int i = 0; i < count; ++i) {
    const auto index = static_cast<size_t>(i);
    arguments.push_back(FittingArgument(spec.arguments[index], index));
  }
  return arguments;
}

Call CallOf(const FunctionSpec& spec, const std::vector<std::string>& arguments) {
  Call call{.text = absl::StrCat(std::string(spec.name), "(", absl::StrJoin(arguments, ", "), ")")};
  if (spec.kind == FunctionKind::kRow || spec.kind == FunctionKind::kOrderedRow) {
    call.before = "count(";
    call.after = ")";
  }
  return call;
}

const std::map<std::string, std::string>& OperatorMetrics() {
  static const std::map<std::string, std::string> metrics = {
      {"+", "sum(x + n)"},
      {"-", "sum(n - n)"},
      {"*", "sum(x * x)"},
      {"/", "sum(n / n)"},
      {"%", "sum(n % 7)"},
      {"^", "sum(x ^ 2)"},
      {"unary -", "sum(- n)"},
      {"=", "count(s = 'a')"},
      {"<>", "count(s <> s)"},
      {"<", "count(x < n)"},
      {"<=", "count(b <= b)"},
      {">", "count(ts > '2024-03-10')"},
      {">=", "count(s >= lower(s))"},
      {"IS DISTINCT FROM", "count(s IS DISTINCT FROM NULL)"},
      {"IS NOT DISTINCT FROM", "count(x IS NOT DISTINCT FROM n)"},
      {"AND", "bool_and(b AND x > 1 AND n > 1)"},
      {"OR", "bool_or(b OR x > 1)"},
      {"NOT", "bool_or(NOT b)"},
      {"IS NULL", "bool_or(s IS NULL)"},
      {"IS NOT NULL", "bool_or(s IS NOT NULL)"},
      {"BETWEEN", "count(s BETWEEN 'a' AND lower(s))"},
      {"IN", "count(x IN (n, 2, NULL))"},
      {"LIKE", "count(s LIKE '%\\_')"},
      {"ILIKE", "count(s ILIKE 'A%')"},
      {"CASE", "max(CASE WHEN b THEN s WHEN x > 1 THEN 'b' END)"},
      {"CASE OF", "sum(CASE n WHEN 1 THEN x WHEN 2 THEN 2 ELSE n END)"},
      {"COALESCE", "max(coalesce(s, 'a', NULL))"},
      {"NULLIF", "max(nullif(s, ''))"},
      {"GREATEST", "max(greatest(s, 'a'))"},
      {"LEAST", "sum(least(x, n, 3))"},
      {"to float64", "sum(x + n)"},
      {"CAST", "string_agg(CAST(x AS text) || CAST(ts AS date)::text, ',')"},
      {"||", "max(s || 'a')"},
      {"count(*)", "count(*)"},
      {"count(DISTINCT)", "count(DISTINCT s)"},
  };
  return metrics;
}

void ExpectDuckDbText(const std::string& text) {
  const auto metric = BoundExpression::ParseMetric(text, Rows());
  ASSERT_TRUE(metric.ok()) << text << ": " << metric.status();
  const auto select = DuckDbSelect(**metric, {}, kRows);
  ASSERT_TRUE(select.ok()) << text << ": " << select.status();
  for (const char* const sign : {"$", "#", "{", "}"}) {
    EXPECT_THAT(*select, Not(HasSubstr(sign))) << text;
  }
}

}  // namespace metricstore::expression
