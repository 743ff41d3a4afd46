#include "compute_service/planner/shard_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/status/error.h"
#include "tests/unit/compute/shard_fixture.h"

namespace metricstore::compute {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

using Definitions = std::vector<std::shared_ptr<const MetricDefinition>>;

Definitions Share(std::initializer_list<MetricDefinition> metrics) {
  Definitions shared;
  for (const MetricDefinition& metric : metrics) {
    shared.push_back(std::make_shared<const MetricDefinition>(metric));
  }
  return shared;
}

absl::StatusOr<ShardPlan> PlanBars(std::initializer_list<MetricDefinition> metrics,
                                   absl::CivilDay start, absl::CivilDay end,
                                   const calendar::Calendar& calendar) {
  return PlanShard(ShardOf(metrics, {"A"}, start, end), Share(metrics), Bars(), calendar);
}

calendar::Window Rth() { return {.kind = calendar::WindowKind::kSession, .session = "rth"}; }

const absl::CivilDay kMonday(2024, 3, 4);

TEST(PlanShardTest, ReadsOnlyTheColumnsThatExpressionsAndFiltersName) {
  const auto plan = PlanBars(
      {BarsMetric("a/last", "last(close)"), BarsMetric("a/venue", "count(close)", {"venue = 'X'"})},
      kMonday, kMonday + 1, *AlwaysOpen());
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_THAT(plan->columns, ElementsAre("close", "venue"));
  EXPECT_EQ(plan->time_column, "ts");
  EXPECT_EQ(plan->entity_column, "symbol");
}

TEST(PlanShardTest, TextsThatAreCountedAreRead) {
  const auto plan = PlanBars({BarsMetric("a/venues", "count(DISTINCT venue)")}, kMonday,
                             kMonday + 1, *AlwaysOpen());
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_THAT(plan->columns, ElementsAre("venue"));
}

TEST(PlanMetricTest, HasTheBucketsOfSeveralRangesOfDates) {
  const auto plan = PlanMetric(BarsMetric("a/last", "last(close)"), Bars(), *AlwaysOpen(),
                               {{kMonday, kMonday + 2}, {kMonday + 100, kMonday + 101}});
  ASSERT_TRUE(plan.ok()) << plan.status();
  ASSERT_EQ(plan->tasks.size(), 1);
  ASSERT_EQ(plan->tasks[0].buckets->size(), 3);
  EXPECT_EQ(plan->tasks[0].buckets->back().start, Utc(2024, 6, 12));
}

TEST(PlanShardTest, TimeAndEntityAreNotAskedForAgain) {
  const auto plan = PlanBars({BarsMetric("a/count", "count(ts) + count(symbol)")}, kMonday,
                             kMonday + 1, *AlwaysOpen());
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_TRUE(plan->columns.empty());
}

TEST(PlanShardTest, MetricsOfOneWindowAndGrainShareTheirBuckets) {
  MetricDefinition hourly = BarsMetric("a/hourly", "sum(volume)");
  hourly.grain = Grain::kHour;
  const auto plan = PlanBars({BarsMetric("a/one", "sum(volume)"), BarsMetric("a/two", "max(close)"),
                              hourly, BarsMetric("a/rth", "max(close)", {}, Rth())},
                             kMonday, kMonday + 1, *NewYork());
  ASSERT_TRUE(plan.ok()) << plan.status();
  ASSERT_EQ(plan->tasks.size(), 4);
  EXPECT_EQ(plan->tasks[0].buckets, plan->tasks[1].buckets);
  EXPECT_NE(plan->tasks[0].buckets, plan->tasks[2].buckets);
  EXPECT_NE(plan->tasks[0].buckets, plan->tasks[3].buckets);
  EXPECT_EQ(plan->tasks[2].buckets->size(), 24);
}

TEST(PlanShardTest, ReadsFromTheFirstToTheLastInstantThatAWindowShows) {
  // Daylight saving starts on the Sunday between: 09:30 is 14:30 UTC before and 13:30 after.
  const auto plan = PlanBars({BarsMetric("a/rth", "last(close)", {}, Rth())},
                             absl::CivilDay(2024, 3, 8), absl::CivilDay(2024, 3, 12), *NewYork());
  ASSERT_TRUE(plan.ok()) << plan.status();
  ASSERT_TRUE(plan->interval.has_value());
  EXPECT_EQ(plan->interval->start, Utc(2024, 3, 8, 14, 30));
  EXPECT_EQ(plan->interval->end, Utc(2024, 3, 11, 20, 0));
}

TEST(PlanShardTest, TheWidestOfSeveralWindowsIsRead) {
  const auto plan =
      PlanBars({BarsMetric("a/rth", "last(close)", {}, Rth()), BarsMetric("a/day", "last(close)")},
               kMonday, kMonday + 1, *NewYork());
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_EQ(plan->interval->start, Utc(2024, 3, 4, 5));
  EXPECT_EQ(plan->interval->end, Utc(2024, 3, 5, 5));
}

TEST(PlanShardTest, NothingIsReadWhereEveryWindowIsClosed) {
  const auto plan = PlanBars({BarsMetric("a/rth", "last(close)", {}, Rth())},
                             absl::CivilDay(2024, 3, 9), absl::CivilDay(2024, 3, 11), *NewYork());
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_FALSE(plan->interval.has_value());
  EXPECT_EQ(plan->tasks.size(), 1);
}

struct Refusal {
  const char* name;
  MetricDefinition metric;
  const char* reason;
};

class PlanShardRefusalTest : public ::testing::TestWithParam<Refusal> {};

TEST_P(PlanShardRefusalTest, NamesReasonAndMetric) {
  const auto plan = PlanBars({GetParam().metric}, kMonday, kMonday + 1, *NewYork());
  EXPECT_EQ(plan.status().code(), absl::StatusCode::kInvalidArgument) << plan.status();
  EXPECT_EQ(status::ReasonOf(plan.status()), GetParam().reason);
  EXPECT_THAT(std::string(plan.status().message()), HasSubstr("metric a/bad version 1"));
}

MetricDefinition Weekly() {
  MetricDefinition metric = BarsMetric("a/bad", "last(close)");
  metric.grain = Grain::kWeek;
  return metric;
}

MetricDefinition Resampled() {
  MetricDefinition metric = BarsMetric("a/bad", "last(close)");
  metric.timeframe = absl::Minutes(5);
  return metric;
}

MetricDefinition OfAnotherDataset() {
  MetricDefinition metric = BarsMetric("a/bad", "last(close)");
  metric.dataset = "fact_orders";
  return metric;
}

INSTANTIATE_TEST_SUITE_P(
    Refusals, PlanShardRefusalTest,
    ::testing::Values(
        Refusal{"UnknownColumn", BarsMetric("a/bad", "last(clse)"), "EXPRESSION_INVALID"},
        Refusal{"SyntaxError", BarsMetric("a/bad", "last(close"), "EXPRESSION_INVALID"},
        Refusal{"FilterThatIsNoCondition", BarsMetric("a/bad", "last(close)", {"close + 1"}),
                "EXPRESSION_INVALID"},
        Refusal{"UnknownSession",
                BarsMetric("a/bad", "last(close)", {},
                           {.kind = calendar::WindowKind::kSession, .session = "globex"}),
                "DEFINITION_INVALID"},
        Refusal{"OfAnotherMetric", BarsMetric("a/bad", "last(close) / metric('a/other')"),
                "NOT_SUPPORTED"},
        Refusal{"Resampled", Resampled(), "NOT_SUPPORTED"},
        Refusal{"PartOfABucket", Weekly(), "FIELD_INVALID"},
        Refusal{"AnotherDataset", OfAnotherDataset(), "FIELD_INVALID"}),
    [](const auto& refusal) { return refusal.param.name; });

TEST(PlanShardTest, DatesBeyondTheCalendarAreRefused) {
  const auto plan = PlanBars({BarsMetric("a/last", "last(close)")}, absl::CivilDay(2031, 1, 1),
                             absl::CivilDay(2031, 1, 2), *NewYork());
  EXPECT_EQ(status::ReasonOf(plan.status()), "FIELD_INVALID");
}

TEST(PlanShardTest, ADatasetWithoutTimeIsRefused) {
  const MetricDefinition metric = BarsMetric("a/last", "last(close)");
  Dataset dataset = Bars();
  dataset.time_column.clear();
  const auto plan = PlanShard(ShardOf({metric}, {"A"}, kMonday, kMonday + 1), Share({metric}),
                              dataset, *AlwaysOpen());
  EXPECT_EQ(status::ReasonOf(plan.status()), "FIELD_INVALID");
}

TEST(PlanShardTest, AShardWithoutEntitiesIsRefused) {
  const MetricDefinition metric = BarsMetric("a/last", "last(close)");
  const auto plan = PlanShard(ShardOf({metric}, {}, kMonday, kMonday + 1), Share({metric}), Bars(),
                              *AlwaysOpen());
  EXPECT_EQ(status::ReasonOf(plan.status()), "FIELD_REQUIRED");
}

}  // namespace
}  // namespace metricstore::compute
