// What entries of the catalogue say of themselves: names, forms and types agree with one another
// and with what is made of them.

#include "common/expression/catalog/function_catalog.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/expression/catalog/foreign_names.h"
#include "common/expression/expression.h"
#include "common/expression/function_body.h"
#include "common/expression/node.h"
#include "common/expression/syntax.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/common_expression/function_calls_fixture.h"

namespace metricstore::expression {
namespace {

using ::testing::IsEmpty;

constexpr int kFunctions = static_cast<int>(Function::kMetric) + 1;

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

}  // namespace
}  // namespace metricstore::expression
