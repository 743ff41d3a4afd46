// The catalogue as a whole: every entry binds, refuses what it does not take, has one text that
// parses back, and has DuckDB's text.
#include "common/expression/catalog/function_catalog.h"

#include <algorithm>
#include <map>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "common/expression/catalog/foreign_names.h"
#include "common/expression/duckdb_text.h"
#include "common/expression/expression.h"
#include "common/expression/function_body.h"
#include "common/expression/node.h"
#include "common/expression/syntax.h"
#include "common/status/error.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace metricstore::expression {
namespace {

using columns::ColumnType;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr int kFunctions = static_cast<int>(Function::kMetric) + 1;

const Schema& Rows() {
  static const Schema schema = {{"x", ColumnType::kFloat64},
                                {"n", ColumnType::kInt64},
                                {"b", ColumnType::kBool},
                                {"s", ColumnType::kText},
                                {"ts", ColumnType::kTimestamp}};
  return schema;
}

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

// An argument that does not.
std::string MisfittingArgument(const ArgumentSpec& spec) {
  switch (spec.type) {
    case ArgumentType::kText:
    case ArgumentType::kBool:
    case ArgumentType::kTime:
      return "x";
    case ArgumentType::kOrdered:
      return "b";
    case ArgumentType::kListed:
      return "ts";
    case ArgumentType::kAny:
      return "";
    case ArgumentType::kTextLiteral:
    case ArgumentType::kUnitLiteral:
    case ArgumentType::kPartLiteral:
    case ArgumentType::kPatternLiteral:
      return "s";
    default:
      return "b";
  }
}

std::vector<std::string> FittingArguments(const FunctionSpec& spec, int count) {
  std::vector<std::string> arguments;
  for (int i = 0; i < count; ++i) {
    const auto index = static_cast<size_t>(i);
    arguments.push_back(FittingArgument(spec.arguments[index], index));
  }
  return arguments;
}

// A call of a named function as a metric, and where the call begins in it.
struct Call {
  std::string before;
  std::string text;
  std::string after;
  std::string metric() const { return before + text + after; }
};

Call CallOf(const FunctionSpec& spec, const std::vector<std::string>& arguments) {
  Call call{.text = absl::StrCat(std::string(spec.name), "(", absl::StrJoin(arguments, ", "), ")")};
  if (spec.kind == FunctionKind::kRow || spec.kind == FunctionKind::kOrderedRow) {
    call.before = "count(";
    call.after = ")";
  }
  return call;
}

// Whether two trees are the same wherever they were written.
bool AreEqual(const Node& a, const Node& b) {
  if (a.kind != b.kind || a.type != b.type || a.literal != b.literal || a.column != b.column ||
      a.function != b.function || a.distinct != b.distinct || a.is_vector != b.is_vector ||
      a.arguments.size() != b.arguments.size()) {
    return false;
  }
  for (size_t i = 0; i < a.arguments.size(); ++i) {
    if (!AreEqual(*a.arguments[i], *b.arguments[i])) return false;
  }
  return true;
}

void ExpectRoundTrip(const std::string& text) {
  const auto metric = BoundExpression::ParseMetric(text, Rows());
  ASSERT_TRUE(metric.ok()) << text << ": " << metric.status();
  const std::string canonical = (*metric)->canonical_text();
  const auto again = BoundExpression::ParseMetric(canonical, Rows());
  ASSERT_TRUE(again.ok()) << canonical << ": " << again.status();
  EXPECT_TRUE(AreEqual((*metric)->root(), (*again)->root())) << text << " is " << canonical;
  EXPECT_EQ((*again)->canonical_text(), canonical);
}

// One metric for each operator and construct, by its name.
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

const DuckDbRows kRows = {.relation = "rows", .order = "row_id", .time = "ts"};

void ExpectDuckDbText(const std::string& text) {
  const auto metric = BoundExpression::ParseMetric(text, Rows());
  ASSERT_TRUE(metric.ok()) << text << ": " << metric.status();
  const auto select = DuckDbSelect(**metric, {}, kRows);
  ASSERT_TRUE(select.ok()) << text << ": " << select.status();
  for (const char* const sign : {"$", "#", "{", "}"}) {
    EXPECT_THAT(*select, Not(HasSubstr(sign))) << text;
  }
}

void ExpectRefusedAt(const std::string& text, size_t offset) {
  const absl::Status status = BoundExpression::ParseMetric(text, Rows()).status();
  EXPECT_EQ(status::ReasonOf(status), "EXPRESSION_INVALID") << text << ": " << status;
  const auto details = status::DetailsOf(status);
  ASSERT_TRUE(details.has_value());
  EXPECT_EQ(details->metadata.at("position"), std::to_string(offset + 1)) << text << ": " << status;
}

TEST(FunctionCatalogTest, EveryFunctionNamesItsArguments) {
  for (const FunctionSpec& spec : Functions()) {
    const auto commas = std::count(spec.argument_names.begin(), spec.argument_names.end(), ',');
    const auto quoted = absl::StrContains(std::string(spec.argument_names), "','") ? 1 : 0;
    EXPECT_EQ(static_cast<size_t>(commas - quoted) + 1, spec.arguments.size()) << spec.name;
  }
}

TEST(FunctionCatalogTest, EveryFunctionIsFoundByItsName) {
  for (const FunctionSpec& spec : Functions()) EXPECT_EQ(FindFunction(spec.name), &spec);
  for (const FunctionSpec& spec : Operators()) EXPECT_EQ(FindOperator(spec.name), &spec);
  EXPECT_EQ(FindFunction("+"), nullptr);
  EXPECT_EQ(FindFunction("ceiling"), FindFunction("ceil"));
  EXPECT_EQ(FindWithinGroup("percentile_disc")->function, Function::kQuantileDisc);
  EXPECT_EQ(FindWithinGroup(""), nullptr);
}

TEST(FunctionCatalogTest, NamesOfOtherSystemsAreNoFunctionsHere) {
  for (const ForeignName& foreign : ForeignNames()) {
    EXPECT_EQ(FindFunction(foreign.name), nullptr) << foreign.name;
    EXPECT_THAT(ClearerNames(foreign.name), IsEmpty()) << foreign.name;
    EXPECT_EQ(NearestFunction(foreign.name), foreign.form);
  }
}

TEST(FunctionCatalogTest, SignsOfOtherSystemsAreNoOperatorsHere) {
  EXPECT_EQ(FormOfForeignOperator("=="), "=");
  for (const FunctionSpec& spec : Operators()) EXPECT_EQ(FormOfForeignOperator(spec.name), "");
}

// What is suggested must be of use.
TEST(FunctionCatalogTest, FormsForNamesOfOtherSystemsParse) {
  for (const ForeignName& foreign : ForeignNames()) {
    const std::string form(foreign.form);
    const bool is_name = form == "coalesce" || FindFunction(form) != nullptr;
    const std::string sample = is_name ? form + "(x)" : form.substr(0, form.find(" or "));
    const auto syntax = ParseSyntax(sample);
    EXPECT_TRUE(syntax.ok()) << foreign.name << ": " << syntax.status();
  }
}

TEST(FunctionCatalogTest, EveryFunctionHasAnEntryOfItsOwn) {
  std::set<Function> functions;
  for (const auto& specs : {Functions(), Operators()}) {
    for (const FunctionSpec& spec : specs) functions.insert(spec.function);
  }
  EXPECT_EQ(functions.size(), static_cast<size_t>(kFunctions));
  for (int i = 0; i < kFunctions; ++i) {
    EXPECT_EQ(SpecOf(static_cast<Function>(i)).function, static_cast<Function>(i));
  }
  EXPECT_EQ(CanonicalName(Function::kPower), "power");
}

// The binder takes the type of the first value for that of all.
TEST(FunctionCatalogTest, ArgumentsOfOneTypeAreDescribedAlike) {
  for (const FunctionSpec& spec : Functions()) {
    if (!spec.of_one_type) continue;
    std::set<ArgumentType> types;
    for (size_t i = 0; i < spec.arguments.size(); ++i) {
      if (!IsLiteral(spec.arguments[i].type)) types.insert(spec.arguments[i].type);
    }
    EXPECT_LE(types.size(), 1U) << spec.name;
  }
}

TEST(FunctionCatalogTest, OnlyCountsAreZeroWithoutValues) {
  std::set<std::string_view> zero;
  for (const auto& specs : {Functions(), Operators()}) {
    for (const FunctionSpec& spec : specs) {
      if (spec.empty == EmptyBehaviour::kZero) zero.insert(spec.name);
    }
  }
  EXPECT_EQ(zero,
            (std::set<std::string_view>{"count", "count(*)", "count(DISTINCT)", "regr_count"}));
}

TEST(FunctionCatalogTest, EveryFunctionBindsAndHasOneTextThatParsesBack) {
  for (const FunctionSpec& spec : Functions()) {
    if (spec.function == Function::kMetric) continue;
    for (int count = spec.min_arguments; count <= spec.max_arguments; ++count) {
      ExpectRoundTrip(CallOf(spec, FittingArguments(spec, count)).metric());
    }
  }
  for (const FunctionSpec& spec : Operators()) {
    const auto metric = OperatorMetrics().find(std::string(spec.name));
    ASSERT_NE(metric, OperatorMetrics().end()) << spec.name;
    ExpectRoundTrip(metric->second);
  }
}

TEST(FunctionCatalogTest, EveryEntryHasDuckDbText) {
  for (const FunctionSpec& spec : Functions()) {
    if (spec.function == Function::kMetric) continue;
    for (int count = spec.min_arguments; count <= spec.max_arguments; ++count) {
      ExpectDuckDbText(CallOf(spec, FittingArguments(spec, count)).metric());
    }
  }
  for (const auto& [name, metric] : OperatorMetrics()) ExpectDuckDbText(metric);
}

TEST(FunctionCatalogTest, WrongTypesAreRefusedWhereTheyStand) {
  for (const FunctionSpec& spec : Functions()) {
    if (spec.function == Function::kMetric) continue;
    for (size_t i = 0; i < spec.arguments.size(); ++i) {
      const std::string misfit = MisfittingArgument(spec.arguments[i]);
      if (misfit.empty()) continue;
      std::vector<std::string> arguments = FittingArguments(spec, spec.max_arguments);
      size_t offset = spec.name.size() + 1;
      for (size_t before = 0; before < i; ++before) offset += arguments[before].size() + 2;
      arguments[i] = misfit;
      const Call call = CallOf(spec, arguments);
      ExpectRefusedAt(call.metric(), call.before.size() + offset);
    }
  }
}

TEST(FunctionCatalogTest, WrongCountsAreRefusedAtTheCall) {
  for (const FunctionSpec& spec : Functions()) {
    const Call few = CallOf(spec, FittingArguments(spec, spec.min_arguments - 1));
    // PostgreSQL's grammar has a form of its own for trim().
    if (spec.min_arguments > 1) ExpectRefusedAt(few.metric(), few.before.size());
    const Call many = CallOf(spec, FittingArguments(spec, spec.max_arguments + 1));
    ExpectRefusedAt(many.metric(), many.before.size());
  }
}

TEST(FunctionCatalogTest, AggregatesTakeFiltersAndSomeDistinct) {
  for (const FunctionSpec& spec : Functions()) {
    const Call call = CallOf(spec, FittingArguments(spec, spec.max_arguments));
    const std::string filtered = call.text + " FILTER (WHERE b)";
    if (spec.kind != FunctionKind::kAggregate) {
      // PostgreSQL's grammar refuses some itself, elsewhere.
      const absl::Status status =
          BoundExpression::ParseMetric("count(" + filtered + ")", Rows()).status();
      EXPECT_EQ(status::ReasonOf(status), "EXPRESSION_INVALID") << filtered;
      continue;
    }
    ExpectRoundTrip(filtered);
    std::string distinct = call.text;
    distinct.insert(spec.name.size() + 1, "DISTINCT ");
    if (spec.distinct == DistinctUse::kRefused && spec.name != "count") {
      ExpectRefusedAt(distinct, 0);
    } else {
      ExpectRoundTrip(distinct);
      ExpectDuckDbText(distinct);
    }
  }
}

// The kind of function that is computed in a form.
FunctionKind KindOf(VectorForm form) {
  switch (form) {
    case VectorForm::kNeighbour:
    case VectorForm::kRunning:
      return FunctionKind::kOrderedRow;
    case VectorForm::kFold:
    case VectorForm::kRanked:
    case VectorForm::kWalk:
      return FunctionKind::kAggregate;
    case VectorForm::kReference:
      return FunctionKind::kBucket;
    default:
      return FunctionKind::kRow;
  }
}

TEST(FunctionCatalogTest, FormsFitTheKindOfFunction) {
  for (const auto& specs : {Functions(), Operators()}) {
    for (const FunctionSpec& spec : specs) {
      const bool is_made = spec.vector == VectorForm::kMadeOf;
      EXPECT_EQ(is_made, !spec.made_of.empty()) << spec.name;
      EXPECT_TRUE(is_made || spec.kind == KindOf(spec.vector)) << spec.name;
      EXPECT_TRUE(!spec.reads_time || spec.kind == FunctionKind::kAggregate) << spec.name;
    }
  }
}

// The first call of a function in a tree; nullptr without one.
const Node* FindCall(const Node& node, Function function) {
  if (node.kind == NodeKind::kCall && node.function == function) return &node;
  for (const auto& argument : node.arguments) {
    if (const Node* const found = FindCall(*argument, function)) return found;
  }
  return nullptr;
}

// A metric with a call of a function that is made of others, of one column.
std::string MetricOfMade(const FunctionSpec& spec, const std::string& column) {
  const std::map<Function, std::string> operators = {
      {Function::kIsDistinct, "$x IS DISTINCT FROM $x"},
      {Function::kIsNotDistinct, "$x IS NOT DISTINCT FROM $x"},
      {Function::kIsNotNull, "$x IS NOT NULL"},
      {Function::kBetween, "$x BETWEEN $x AND $x"}};
  const auto form = operators.find(spec.function);
  const std::string call =
      form == operators.end()
          ? CallOf(spec, std::vector<std::string>(spec.arguments.size(), column)).text
          : absl::StrReplaceAll(form->second, {{"$x", column}});
  const bool is_aggregate = spec.kind == FunctionKind::kAggregate;
  return is_aggregate ? absl::StrCat(call, " IS NULL") : absl::StrCat("count(", call, ")");
}

// Of arguments of every type that the function takes.
TEST(FunctionCatalogTest, WhatFunctionsAreMadeOfIsOfTheirType) {
  for (const auto& specs : {Functions(), Operators()}) {
    for (const FunctionSpec& spec : specs) {
      if (spec.vector != VectorForm::kMadeOf) continue;
      size_t bound = 0;
      for (const std::string column : {"x", "n", "b", "s", "ts"}) {
        const auto metric = BoundExpression::ParseMetric(MetricOfMade(spec, column), Rows());
        if (!metric.ok()) continue;
        const Node* const call = FindCall((*metric)->root(), spec.function);
        ASSERT_NE(call, nullptr) << spec.name;
        const auto body = BodyOf(*call);
        ASSERT_TRUE(body.ok()) << spec.name << ": " << body.status();
        EXPECT_EQ((*body)->type, call->type) << spec.name << " of " << column;
        EXPECT_EQ(*BodyOf(*call), *body) << "it is made once";
        ++bound;
      }
      EXPECT_GT(bound, 0U) << spec.name;
    }
  }
}

TEST(DuckDbSelectTest, RowsAreFilteredBeforeTheyAreLookedAt) {
  const auto metric = BoundExpression::ParseMetric("sum(x - lag(x)) / count(*)", Rows());
  const auto filter = BoundExpression::ParseFilter("n > 0", Rows());
  ASSERT_TRUE(metric.ok() && filter.ok());
  const auto select = DuckDbSelect(**metric, std::vector{*filter}, kRows);
  ASSERT_TRUE(select.ok()) << select.status();
  EXPECT_EQ(
      *select,
      "SELECT (\"aggregate 1\" / nullif(CAST(\"aggregate 2\" AS DOUBLE), 0)) AS value FROM "
      "(SELECT fsum((\"x\" - \"row 1\")) AS \"aggregate 1\", count(*) AS \"aggregate 2\" FROM "
      "(SELECT *, lag(\"x\") OVER (ORDER BY \"row_id\") AS \"row 1\" FROM "
      "(SELECT * FROM rows WHERE (\"n\" > (0)::BIGINT))))");
}

TEST(DuckDbSelectTest, OtherMetricsHaveNoText) {
  const auto metric = BoundExpression::ParseMetric("metric('a/b') + 1", {});
  ASSERT_TRUE(metric.ok()) << metric.status();
  EXPECT_EQ(DuckDbSelect(**metric, {}, kRows).status().code(), absl::StatusCode::kUnimplemented);
}

}  // namespace
}  // namespace metricstore::expression
