#include "compute_service/engine/series/derived_series.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "tests/testing/matchers.h"
#include "tests/unit/compute/shard_fixture.h"

namespace metricstore::compute {
namespace {

using ::metricstore::testing::IsOk;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using vector::MetricPoints;
using vector::PointStatus;

constexpr auto kOk = PointStatus::kOk;
constexpr auto kNull = PointStatus::kNull;
constexpr auto kNotFinite = PointStatus::kNotFinite;
constexpr int64_t kDay = 86'400'000'000;
const int64_t kFirst = ToMicros(Utc(2024, 3, 1));

int64_t Day(int n) { return kFirst + n * kDay; }

MetricPoints Points(const std::vector<int>& days, std::vector<double> values,
                    std::vector<PointStatus> statuses = {}) {
  MetricPoints points;
  for (const int day : days) points.bucket_start_micros.push_back(Day(day));
  points.values = std::move(values);
  statuses.resize(points.values.size(), kOk);
  points.statuses = std::move(statuses);
  return points;
}

const calendar::Calendar& Always() {
  static const auto* const calendar = new std::shared_ptr(AlwaysOpen());
  return **calendar;
}

// An expression of metric('a/x') and metric('a/y'), which are the series 0 and 1; ten days.
class DerivedSeriesTest : public ::testing::Test {
 protected:
  MetricPoints Evaluate(const std::string& text, const std::vector<MetricPoints>& series) {
    auto bound = expression::BoundExpression::ParseMetric(text, {});
    EXPECT_THAT(bound, IsOk());
    DerivedTask task{.expression = *bound, .ranges = {{Day(0), Day(10)}}, .starts_micros = nullptr};
    bool all_shifted = true;
    Collect(task.expression->root(), &task, &all_shifted);
    if (all_shifted) {
      std::vector<int64_t> starts;
      for (int day = 0; day < 10; ++day) starts.push_back(Day(day));
      task.starts_micros = std::make_shared<const std::vector<int64_t>>(std::move(starts));
    }
    const auto made = DerivedSeries::Create(std::move(task));
    EXPECT_THAT(made, IsOk());
    auto points = (*made)->Evaluate(series, {});
    EXPECT_THAT(points, IsOk());
    return *std::move(points);
  }

 private:
  static void Collect(const expression::Node& node, DerivedTask* task, bool* all_shifted) {
    if (node.kind == expression::NodeKind::kCall &&
        node.function == expression::Function::kMetric) {
      const std::string& id = std::get<std::string>(node.arguments[0]->literal);
      const std::string& offset = std::get<std::string>(node.arguments[1]->literal);
      DerivedInput input{.column = id + offset, .series = id == "a/x" ? 0u : 1u, .shift = {}};
      if (offset.empty()) {
        *all_shifted = false;
      } else {
        input.shift = *BucketShift::Create(Always(), Grain::kDay, offset);
      }
      task->stand_ins[&node] = input.column;
      task->inputs.push_back(std::move(input));
      return;
    }
    for (const auto& argument : node.arguments) Collect(*argument, task, all_shifted);
  }
};

TEST_F(DerivedSeriesTest, HasAPointWhereAnyInputHasOne) {
  const MetricPoints points = Evaluate("coalesce(metric('a/x'), 0) + coalesce(metric('a/y'), 0)",
                                       {Points({0, 2}, {1, 2}), Points({2, 5}, {10, 20})});
  EXPECT_THAT(points.bucket_start_micros, ElementsAre(Day(0), Day(2), Day(5)));
  EXPECT_THAT(points.values, ElementsAre(1, 12, 20));
}

TEST_F(DerivedSeriesTest, AMissingPointAndANullOneAreNull) {
  const MetricPoints points =
      Evaluate("metric('a/x') + metric('a/y')",
               {Points({0, 1, 2}, {1, 0, 3}, {kOk, kNull, kOk}), Points({0, 1}, {10, 20})});
  EXPECT_THAT(points.values, ElementsAre(11, 0, 0));
  EXPECT_THAT(points.statuses, ElementsAre(kOk, kNull, kNull));
}

TEST_F(DerivedSeriesTest, DivisionByZeroIsNull) {
  const MetricPoints points =
      Evaluate("metric('a/x') / metric('a/y')", {Points({0, 1}, {1, 2}), Points({0, 1}, {0, 4})});
  EXPECT_THAT(points.values, ElementsAre(0, 0.5));
  EXPECT_THAT(points.statuses, ElementsAre(kNull, kOk));
}

TEST_F(DerivedSeriesTest, WhatIsNotFiniteSpreadsOnlyWhereItIsUsed) {
  const std::vector<MetricPoints> series = {Points({0}, {0}, {kNotFinite}), Points({0}, {2})};
  EXPECT_THAT(Evaluate("metric('a/x') + metric('a/y')", series).statuses, ElementsAre(kNotFinite));
  const MetricPoints other =
      Evaluate("CASE WHEN metric('a/y') > 1 THEN metric('a/y') ELSE metric('a/x') END", series);
  EXPECT_THAT(other.statuses, ElementsAre(kOk));
  EXPECT_THAT(other.values, ElementsAre(2));
}

TEST_F(DerivedSeriesTest, AnOverflowIsNotFinite) {
  const double big = std::numeric_limits<double>::max();
  EXPECT_THAT(Evaluate("metric('a/x') * 10", {Points({0}, {big})}).statuses,
              ElementsAre(kNotFinite));
}

TEST_F(DerivedSeriesTest, AnInputWithAnOffsetMakesNoPoint) {
  const MetricPoints points =
      Evaluate("metric('a/x') - metric('a/x', '1 day')", {Points({0, 1, 4}, {1, 3, 7})});
  EXPECT_THAT(points.bucket_start_micros, ElementsAre(Day(0), Day(1), Day(4)));
  EXPECT_THAT(points.values, ElementsAre(0, 2, 0));
  EXPECT_THAT(points.statuses, ElementsAre(kNull, kOk, kNull));
}

TEST_F(DerivedSeriesTest, InputsThatAllHaveOffsetsSayWherePointsAre) {
  const MetricPoints points =
      Evaluate("coalesce(metric('a/x', '1 day'), 0) + coalesce(metric('a/y', '2 days'), 0)",
               {Points({0, 3}, {1, 2}), Points({1}, {10})});
  EXPECT_THAT(points.bucket_start_micros, ElementsAre(Day(1), Day(3), Day(4)));
  EXPECT_THAT(points.values, ElementsAre(1, 10, 2));
}

TEST_F(DerivedSeriesTest, PointsOutsideOfItsDatesAreRead) {
  const MetricPoints points =
      Evaluate("metric('a/x') - metric('a/x', '1 day')", {Points({-1, 0, 10}, {1, 5, 9})});
  EXPECT_THAT(points.bucket_start_micros, ElementsAre(Day(0)));
  EXPECT_THAT(points.values, ElementsAre(4));
}

TEST_F(DerivedSeriesTest, WithoutInputsThereIsNothing) {
  EXPECT_THAT(Evaluate("metric('a/x') * 2", {MetricPoints()}).values, IsEmpty());
}

TEST(PointsWithinTest, KeepsTheRangesAndTheTexts) {
  MetricPoints points = Points({0, 1, 2, 3}, {1, 2, 3, 4});
  points.texts = {"a", "b", "c", "d"};
  const std::vector<StartRange> ranges = {{Day(0), Day(1)}, {Day(2), Day(3)}};
  const MetricPoints within = PointsWithin(points, ranges);
  EXPECT_THAT(within.bucket_start_micros, ElementsAre(Day(0), Day(2)));
  EXPECT_THAT(within.values, ElementsAre(1, 3));
  EXPECT_THAT(within.texts, ElementsAre("a", "c"));
}

}  // namespace
}  // namespace metricstore::compute
