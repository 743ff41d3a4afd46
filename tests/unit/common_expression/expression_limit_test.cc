// How deep, long and large expressions may be, and how those beyond it are refused.

#include <string>

#include "common/expression/expression.h"
#include "common/expression/syntax.h"
#include "common/status/error.h"
#include "gtest/gtest.h"
#include "tests/unit/common_expression/bar_columns.h"
#include "tests/unit/common_expression/refused_expressions.h"

namespace metricstore::expression {
namespace {

TEST(ExpressionLimitTest, DepthIsBounded) {
  const auto nested = [](int depth) {
    std::string text;
    for (int i = 0; i < depth; ++i) text += "abs(";
    return absl::StatusOr<std::string>(text + "sum(close)" + std::string(depth, ')')).value();
  };
  EXPECT_TRUE(BoundExpression::ParseMetric(nested(62), Bars()).ok());
  ExpectRefused(BoundExpression::ParseMetric(nested(63), Bars()).status(),
                {.position = 63 * 4 + 5, .message = "deeper than 64"});
}

TEST(ExpressionLimitTest, ALongChainIsToldHowItIsDivided) {
  const auto chain = [](int terms) {
    std::string text = "sum(volume)";
    for (int i = 1; i < terms; ++i) text += " + sum(volume)";
    return text;
  };
  EXPECT_TRUE(BoundExpression::ParseMetric(chain(63), Bars()).ok());
  ExpectRefused(BoundExpression::ParseMetric(chain(66), Bars()).status(),
                {.position = 13,
                 .message = "too many terms in one chain of + - * / ||: put parts of it in "
                            "brackets, (a + b) + (c + d), or in metrics of their own"});
  EXPECT_TRUE(
      BoundExpression::ParseMetric("(" + chain(60) + ") + (" + chain(60) + ")", Bars()).ok());
}

// An unknown name has what stands beside it bound too: once, however deep it is.
TEST(ExpressionLimitTest, UnknownNamesTakeNoLongerTheDeeperTheyAre) {
  std::string before = "side";
  std::string after = "side";
  for (int i = 0; i < 30; ++i) {
    before = "(" + before + " = \"a\")";
    after = "(\"a\" = " + after + ")";
  }
  ExpectRefused(BoundExpression::ParseFilter(before, Bars()).status(),
                {.position = 38, .message = "single quotes", .suggestion = "'a'"});
  ExpectRefused(BoundExpression::ParseFilter(after, Bars()).status(),
                {.position = 2, .message = "unknown column \"a\""});
}

TEST(ExpressionLimitTest, NodesAreBounded) {
  std::string list = "volume IN (1";
  for (int i = 0; i < 1997; ++i) list += ",1";
  EXPECT_TRUE(BoundExpression::ParseFilter(list + ")", Bars()).ok());
  ExpectRefused(BoundExpression::ParseFilter(list + ",1)", Bars()).status(),
                {.position = static_cast<int>(list.size()) + 2, .message = "more than 2000"});
}

TEST(ExpressionLimitTest, TextIsBounded) {
  const std::string text = "sum(close)" + std::string(kMaxTextBytes - 10, ' ');
  EXPECT_TRUE(BoundExpression::ParseMetric(text, Bars()).ok());
  ExpectRefused(BoundExpression::ParseMetric(text + " ", Bars()).status(),
                {.position = static_cast<int>(kMaxTextBytes) + 1, .message = "longer than"});
}

TEST(ExpressionLimitTest, BombsOfTheGrammarAreRefused) {
  for (const std::string part : {"- ", "NOT ", "(", "abs(", "CASE WHEN ", "x[", "+ ~"}) {
    std::string text;
    while (text.size() + part.size() < kMaxTextBytes) text += part;
    EXPECT_EQ(status::ReasonOf(BoundExpression::ParseMetric(text, Bars()).status()),
              "EXPRESSION_INVALID");
    EXPECT_EQ(
        status::ReasonOf(
            BoundExpression::ParseMetric(text.substr(0, text.size() - 1) + "1", Bars()).status()),
        "EXPRESSION_INVALID");
  }
}

}  // namespace
}  // namespace metricstore::expression
