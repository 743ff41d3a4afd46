// Calls of every function: each binds, refuses what it does not take where that stands, and has one
// text that parses back.

#include <string>
#include <vector>

#include "common/expression/expression.h"
#include "common/expression/node.h"
#include "common/status/error.h"
#include "gtest/gtest.h"
#include "tests/unit/common_expression/function_calls_fixture.h"

namespace metricstore::expression {
namespace {

// An argument that does not fit; "" where all do.
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

void ExpectRefusedAt(const std::string& text, size_t offset) {
  const absl::Status status = BoundExpression::ParseMetric(text, Rows()).status();
  EXPECT_EQ(status::ReasonOf(status), "EXPRESSION_INVALID") << text << ": " << status;
  const auto details = status::DetailsOf(status);
  ASSERT_TRUE(details.has_value());
  EXPECT_EQ(details->metadata.at("position"), std::to_string(offset + 1)) << text << ": " << status;
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

}  // namespace
}  // namespace metricstore::expression
