// Expressions of rows over columns of points.

#include "compute_service/engine/vector/row_evaluator.h"

#include <limits>
#include <string>
#include <vector>

#include "common/status/error.h"
#include "gmock/gmock.h"
#include "tests/unit/compute/engine_fixture.h"

namespace metricstore::compute::vector {
namespace {

using columns::Column;
using columns::ColumnBatch;
using columns::ColumnType;
using expression::BoundExpression;
using expression::Function;
using expression::Node;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::string NameOfMetric(const Node& call) {
  return call.function == Function::kMetric ? std::get<std::string>(call.arguments[0]->literal)
                                            : "";
}

std::string NoStandIn(const Node&) { return ""; }

std::shared_ptr<const BoundExpression> Parse(const std::string& text) {
  auto bound = BoundExpression::ParseMetric(text, {});
  EXPECT_TRUE(bound.ok()) << bound.status();
  return *bound;
}

// Two metrics at five buckets.
ColumnBatch Points() {
  ColumnBatch rows{.rows = 5, .columns = {}};
  rows.columns.push_back(
      {.name = "x/a", .type = ColumnType::kFloat64, .float64 = {6, 8, 0, 5, 1e308}});
  rows.columns.push_back(
      {.name = "x/b", .type = ColumnType::kInt64, .int64 = {2, 0, 3, INT64_C(1) << 60, -1}});
  rows.columns[0].validity.SetNull(2, 5);
  return rows;
}

const expression::Schema& PointSchema() {
  static const expression::Schema schema = {{"x/a", ColumnType::kFloat64, true},
                                            {"x/b", ColumnType::kInt64, true}};
  return schema;
}

RowValues Evaluate(const std::string& text) {
  const auto bound = Parse(text);
  const auto evaluator = RowEvaluator::Create(bound->root(), PointSchema(), NameOfMetric);
  EXPECT_TRUE(evaluator.ok()) << evaluator.status();
  auto values = (*evaluator)->Evaluate(Points(), CallBounds());
  EXPECT_TRUE(values.ok()) << values.status();
  return *std::move(values);
}

TEST(RowEvaluatorTest, ColumnsStandForMetrics) {
  const RowValues values = Evaluate("metric('x/a') / metric('x/b')");
  EXPECT_THAT(values.column.float64, ElementsAre(3, 0, 0, 5 / 1152921504606846976.0, -1e308));
  EXPECT_THAT(values.statuses, ElementsAre(PointStatus::kOk, PointStatus::kNull, PointStatus::kNull,
                                           PointStatus::kOk, PointStatus::kOk));
  EXPECT_FALSE(values.column.validity.valid(1));
  EXPECT_TRUE(values.column.validity.valid(4));
}

TEST(RowEvaluatorTest, WhatIsNotFiniteIsNullAndSaysWhy) {
  const RowValues values = Evaluate("metric('x/a') * 10");
  EXPECT_EQ(values.statuses[4], PointStatus::kNotFinite);
  EXPECT_FALSE(values.column.validity.valid(4));
  EXPECT_EQ(values.column.float64[4], 0);
  EXPECT_THAT(PointsOf(values).values, ElementsAre(60, 80, 0, 50, 0));
}

TEST(RowEvaluatorTest, ConditionsTextsAndIntegersAreValues) {
  EXPECT_THAT(Evaluate("metric('x/a') > 5.5").column.boolean, ElementsAre(1, 1, 0, 0, 1));
  const RowValues texts =
      Evaluate("CASE WHEN metric('x/a') > 5.5 THEN 'high' WHEN metric('x/a') < 9 THEN 'low' END");
  EXPECT_EQ(texts.column.text(0), "high");
  EXPECT_EQ(texts.column.text(3), "low");
  EXPECT_EQ(texts.statuses[2], PointStatus::kNull);
  EXPECT_THAT(PointsOf(texts).texts, ElementsAre("high", "high", "", "low", "high"));
  const MetricPoints integers = PointsOf(Evaluate("CAST(metric('x/b') AS bigint)"));
  EXPECT_EQ(integers.values[0], 2);
  EXPECT_EQ(integers.statuses[4], PointStatus::kOk);
}

TEST(RowEvaluatorTest, AConstantIsAValueOfEveryRow) {
  EXPECT_THAT(Evaluate("coalesce(metric('x/a'), 7) * 0 + 7").column.float64,
              ElementsAre(7, 7, 7, 7, 7));
}

TEST(RowEvaluatorTest, NamesTheColumnsItNeeds) {
  const auto bound = Parse("metric('x/b') + metric('x/a') + metric('x/b')");
  const auto evaluator = RowEvaluator::Create(bound->root(), PointSchema(), NameOfMetric);
  ASSERT_TRUE(evaluator.ok());
  EXPECT_THAT((*evaluator)->columns(), ElementsAre("x/a", "x/b"));
}

TEST(RowEvaluatorTest, RefusesWhatHasNoValueInARow) {
  const auto reason = [](const Node& root, RowEvaluator::StandIn stand_in) {
    const auto evaluator = RowEvaluator::Create(root, PointSchema(), stand_in);
    EXPECT_EQ(evaluator.status().code(), absl::StatusCode::kInvalidArgument);
    return status::ReasonOf(evaluator.status());
  };
  EXPECT_EQ(reason(Parse("metric('x/a')")->root(), NoStandIn), "NOT_SUPPORTED");
  EXPECT_EQ(reason(Parse("count(*)")->root(), NoStandIn), "NOT_SUPPORTED");
  EXPECT_EQ(reason(Parse("metric('x/c')")->root(), NameOfMetric), "EXPRESSION_INVALID");
}

TEST(RowEvaluatorTest, RefusesRowsThatDoNotFit) {
  const auto bound = Parse("metric('x/a')");
  const auto evaluator = RowEvaluator::Create(bound->root(), PointSchema(), NameOfMetric);
  ASSERT_TRUE(evaluator.ok());
  ColumnBatch rows = Points();
  rows.columns[0].name = "other";
  const absl::Status status = (*evaluator)->Evaluate(rows, CallBounds()).status();
  EXPECT_EQ(status::ReasonOf(status), "BATCH_INVALID");
  EXPECT_EQ(status::DetailsOf(status)->metadata.at("column"), "x/a");
}

TEST(RowEvaluatorTest, NoRowsGiveNoValues) {
  const auto bound = Parse("metric('x/a') + 1");
  const auto evaluator = RowEvaluator::Create(bound->root(), PointSchema(), NameOfMetric);
  ASSERT_TRUE(evaluator.ok());
  ColumnBatch rows{.rows = 0, .columns = {{.name = "x/a", .type = ColumnType::kFloat64}}};
  const auto values = (*evaluator)->Evaluate(rows, CallBounds());
  ASSERT_TRUE(values.ok()) << values.status();
  EXPECT_THAT(values->statuses, IsEmpty());
}

}  // namespace
}  // namespace metricstore::compute::vector
