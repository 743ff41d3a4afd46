// metric('category/name') in expressions, count(DISTINCT x) and median(x).

#include "common/expression/expression.h"
#include "common/expression/node.h"
#include "common/status/error.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace metricstore::expression {
namespace {

using columns::ColumnType;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const Schema& Orders() {
  static const Schema schema = {{"amount", ColumnType::kFloat64},
                                {"pieces", ColumnType::kInt64},
                                {"customer", ColumnType::kText},
                                {"country", ColumnType::kText},
                                {"paid", ColumnType::kBool}};
  return schema;
}

struct Accepted {
  std::string text;
  std::string canonical;
};

class AcceptedTest : public ::testing::TestWithParam<Accepted> {};

TEST_P(AcceptedTest, HasOneCanonicalTextThatParsesBack) {
  const auto metric = BoundExpression::ParseMetric(GetParam().text, Orders());
  ASSERT_TRUE(metric.ok()) << metric.status();
  EXPECT_EQ((*metric)->canonical_text(), GetParam().canonical);
  const auto again = BoundExpression::ParseMetric((*metric)->canonical_text(), Orders());
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ((*again)->canonical_text(), GetParam().canonical);
  EXPECT_EQ((*again)->metric_references(), (*metric)->metric_references());
}

INSTANTIATE_TEST_SUITE_P(
    All, AcceptedTest,
    ::testing::ValuesIn(std::vector<Accepted>{
        {"metric('revenue/mrr')", "metric('revenue/mrr')"},
        {"METRIC( 'revenue/mrr' )*12", "(metric('revenue/mrr') * 12.0)"},
        {"metric('a/1', \"offset\" => '1 month')", "metric('a/1', \"offset\" => '1 month')"},
        {"metric('a/1', \"offset\" := ' 2   MONTH ')", "metric('a/1', \"offset\" => '2 months')"},
        {"metric('a/1', offset => '1 month')", "metric('a/1', \"offset\" => '1 month')"},
        {"metric('a/1', OffSet:='1 month')", "metric('a/1', \"offset\" => '1 month')"},
        {"metric('a/1', /* back */ offset -- so far\n => '1 month')",
         "metric('a/1', \"offset\" => '1 month')"},
        {"metric('a/1', offset => '1 day') - metric('a/1',offset=>'2 days')",
         "(metric('a/1', \"offset\" => '1 day') - metric('a/1', \"offset\" => '2 days'))"},
        {"count(DISTINCT country) + count(*) FILTER (WHERE country = ', offset => 1')",
         "(count(DISTINCT country) + count(CASE WHEN (country = ', offset => 1') THEN 1 ELSE NULL "
         "END))"},
        {"metric('a/1', offset => '1 day') * -5", "(metric('a/1', \"offset\" => '1 day') * -5.0)"},
        {"metric('a/1', '1 years')", "metric('a/1', \"offset\" => '1 year')"},
        {"metric('a/b', '01 hour')", "metric('a/b', \"offset\" => '1 hour')"},
        {"sum(amount) / metric('a/b')", "(sum(amount) / metric('a/b'))"},
        {"metric('a/b') - metric('a/b', '1 day')",
         "(metric('a/b') - metric('a/b', \"offset\" => '1 day'))"},
        {"coalesce(metric('a/b'), 0)", "COALESCE(metric('a/b'), 0.0)"},
        {"count(DISTINCT amount)", "count(DISTINCT amount)"},
        {"COUNT( distinct customer )", "count(DISTINCT customer)"},
        {"count(DISTINCT paid)", "count(DISTINCT paid)"},
        {"count(DISTINCT pieces * 2)", "count(DISTINCT (pieces * 2))"},
        {"count(DISTINCT customer) FILTER (WHERE paid)",
         "count(DISTINCT CASE WHEN paid THEN customer ELSE NULL END)"},
        {"count(DISTINCT amount) FILTER (WHERE country = 'DE')",
         "count(DISTINCT CASE WHEN (country = 'DE') THEN amount ELSE NULL END)"},
        {"median(amount)", "median(amount)"},
        {"median(pieces)", "median(pieces)"},
        {"median(amount) FILTER (WHERE paid)", "median(CASE WHEN paid THEN amount ELSE NULL END)"},
    }));

struct Refused {
  std::string text;
  int position;
  std::string message;  // a part of it
  std::string suggestion;
};

class RefusedTest : public ::testing::TestWithParam<Refused> {};

TEST_P(RefusedTest, SaysWhereAndWhy) {
  const absl::Status status = BoundExpression::ParseMetric(GetParam().text, Orders()).status();
  EXPECT_EQ(status::ReasonOf(status), "EXPRESSION_INVALID");
  const auto details = status::DetailsOf(status);
  ASSERT_TRUE(details.has_value()) << status;
  EXPECT_EQ(details->metadata.at("position"), std::to_string(GetParam().position)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr(GetParam().message));
  const auto suggestion = details->metadata.find("suggestion");
  EXPECT_EQ(suggestion == details->metadata.end() ? "" : suggestion->second, GetParam().suggestion);
}

INSTANTIATE_TEST_SUITE_P(
    All, RefusedTest,
    ::testing::ValuesIn(std::vector<Refused>{
        // Places are those of the text as it was written, behind an unquoted offset too.
        {"metric('a/b', offset => '1 month') + smu(amount)", 38, "unknown function", "sum"},
        {"metric('a/b', offset => 'é') + 1", 25, "an offset is", ""},
        {"metric('a/b', offset => '1 day') + metric('a/b', offset => '0 days')", 60, "an offset is",
         ""},
        {"metric('a/b', offset => '1 day') + nosuch", 36, "unknown column", ""},
        {"metric('a/b', offset => '1 day') +", 35, "syntax error", ""},
        {"metric('a/b', offset => '1 day'); SELECT 1", 34, "several statements", ""},
        {"metric(offset => '1 day', 'a/b')", 8, "second and last", ""},
        {"metric('a/b', '1 day', offset => '1 day')", 24, "second and last", ""},
        {"abs(offset => amount)", 5, "a named argument", ""},
        // As a reserved word it is left alone.
        {"metric('a/b', offset '1 month')", 15, "syntax error", ""},
        {"metric('a/b', offset = '1 month')", 15, "syntax error", ""},
        {"metric('a/b' offset => '1 month')", 14, "syntax error", ""},
        {"sum(offset)", 5, "syntax error", ""},
        {"metric('a/b', \"ofset\" => '1 month')", 15, "no argument named", "offset"},
        {"metric(\"offset\" => '1 day', 'a/b')", 8, "second and last", ""},
        {"metric(\"offset\" => '1 day')", 8, "second and last", ""},
        {"metric('a/b', '1 day', \"offset\" => '1 day')", 24, "second and last", ""},
        {"metric()", 1, "takes 1 to 2 arguments, not 0", ""},
        {"metric('a/b', '1 day', '2 days')", 1, "takes 1 to 2 arguments, not 3", ""},
        // Literals of the form.
        {"metric(customer)", 8, "literals", ""},
        {"metric(1)", 8, "literals", ""},
        {"metric(NULL)", 8, "literals", ""},
        {"metric('a/b', 1)", 15, "literals", ""},
        {"metric('mrr')", 8, "not the id of a metric", ""},
        {"metric('Revenue/mrr')", 8, "not the id of a metric", ""},
        {"metric('1a/mrr')", 8, "not the id of a metric", ""},
        {"metric('a/b/c')", 8, "not the id of a metric", ""},
        {"metric('a/')", 8, "not the id of a metric", ""},
        {"metric('a/b', 'month')", 15, "an offset is", ""},
        {"metric('a/b', '')", 15, "an offset is", ""},
        {"metric('a/b', '1month')", 15, "an offset is", ""},
        {"metric('a/b', '0 days')", 15, "an offset is a number from 1 to 10000 and a unit", ""},
        {"metric('a/b', '-1 day')", 15, "an offset is", ""},
        {"metric('a/b', '1.5 days')", 15, "an offset is", ""},
        {"metric('a/b', '99999 days')", 15, "a number from 1 to 10000", ""},
        {"metric('a/b', '99999999999 years')", 15, "a number from 1 to 10000", ""},
        {"metric()", 1, "metric('category/name') or metric('category/name', '1 month')", ""},
        {"metric('a/b', '1 minute')", 15, "an offset is", ""},
        {"metric('a/b', '1 day ago')", 15, "an offset is", ""},
        // Places.
        {"sum(metric('a/b'))", 5, "outside aggregates", ""},
        {"sum(amount * metric('a/b'))", 14, "outside aggregates", ""},
        {"metric('a/b') FILTER (WHERE paid)", 1, "FILTER", ""},
        {"metric(DISTINCT 'a/b')", 1, "DISTINCT", ""},
        {"metrc('a/b')", 1, "unknown function", "metric"},
        // DISTINCT and median.
        {"count(DISTINCT amount, pieces)", 1, "takes 1 argument, not 2", ""},
        {"count(DISTINCT sum(amount))", 16, "inside an aggregate", ""},
        {"count(DISTINCT nosuch)", 16, "unknown column", ""},
        {"median(customer)", 8, "median takes numbers", "CAST(... AS float8)"},
        {"median(amount, 2)", 1, "takes 1 argument, not 2", ""},
    }));

TEST(MetricReferenceTest, ReferencesAreSortedAndDistinct) {
  const auto metric = BoundExpression::ParseMetric(
      "metric('b/x', '1 months') + metric('a/y') + metric('b/x') + metric('b/x', \"offset\" => '1 "
      "month')",
      {});
  ASSERT_TRUE(metric.ok()) << metric.status();
  EXPECT_THAT((*metric)->metric_references(),
              ElementsAre(MetricReference{"a/y", ""}, MetricReference{"b/x", ""},
                          MetricReference{"b/x", "1 month"}));
  EXPECT_THAT((*metric)->columns(), IsEmpty());
}

TEST(MetricReferenceTest, ANodeHoldsIdAndOffset) {
  const auto metric = BoundExpression::ParseMetric("metric('a/b')", {});
  ASSERT_TRUE(metric.ok()) << metric.status();
  const Node& node = (*metric)->root();
  EXPECT_EQ(node.function, Function::kMetric);
  EXPECT_EQ(node.type, ColumnType::kFloat64);
  ASSERT_EQ(node.arguments.size(), 2u);
  EXPECT_EQ(std::get<std::string>(node.arguments[0]->literal), "a/b");
  EXPECT_EQ(std::get<std::string>(node.arguments[1]->literal), "");
}

TEST(MetricReferenceTest, FiltersReadNoMetrics) {
  const absl::Status status =
      BoundExpression::ParseFilter("amount > metric('a/b')", Orders()).status();
  EXPECT_EQ(status::ReasonOf(status), "EXPRESSION_INVALID");
  EXPECT_THAT(std::string(status.message()), HasSubstr("not allowed in a filter"));
}

TEST(DistinctTest, CountsAreIntegersAndMediansAreReal) {
  const auto count = BoundExpression::ParseMetric("count(DISTINCT customer)", Orders());
  ASSERT_TRUE(count.ok()) << count.status();
  EXPECT_EQ((*count)->root().function, Function::kCountDistinct);
  EXPECT_EQ((*count)->root().type, ColumnType::kInt64);
  EXPECT_EQ((*count)->root().arguments[0]->type, ColumnType::kText);
  const auto median = BoundExpression::ParseMetric("median(pieces)", Orders());
  ASSERT_TRUE(median.ok()) << median.status();
  EXPECT_EQ((*median)->root().function, Function::kMedian);
  EXPECT_EQ((*median)->root().type, ColumnType::kFloat64);
  EXPECT_EQ((*median)->root().arguments[0]->type, ColumnType::kFloat64);
}

}  // namespace
}  // namespace metricstore::expression
