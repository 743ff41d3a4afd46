#include "compute_service/planner/shard_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/status/error.h"
#include "common/status/macros.h"
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

// What is made of the rows of the one dataset.
absl::StatusOr<RowPlan> PlanOf(const LeasedShard& shard, const Definitions& metrics,
                               const Dataset& dataset, const calendar::Calendar& calendar) {
  OneDataset source(dataset);
  ASSIGN_OR_RETURN(const MetricGraph graph, MetricGraph::Load(source, metrics, BlameVersion));
  ASSIGN_OR_RETURN(const SeriesPlan plan, PlanShard(shard, graph, calendar));
  EXPECT_EQ(plan.sources.size(), 1);
  return plan.home();
}

absl::StatusOr<RowPlan> PlanRows(const MetricDefinition& metric, const Dataset& dataset,
                                 const calendar::Calendar& calendar, Dates dates) {
  ASSIGN_OR_RETURN(const SeriesPlan plan, PlanMetric(metric, dataset, calendar, std::move(dates)));
  return plan.home();
}

absl::StatusOr<RowPlan> PlanBars(std::initializer_list<MetricDefinition> metrics,
                                 absl::CivilDay start, absl::CivilDay end,
                                 const calendar::Calendar& calendar) {
  return PlanOf(ShardOf(metrics, {"A"}, start, end), Share(metrics), Bars(), calendar);
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
  const auto plan = PlanRows(BarsMetric("a/last", "last(close)"), Bars(), *AlwaysOpen(),
                             {{kMonday, kMonday + 2}, {kMonday + 100, kMonday + 101}});
  ASSERT_TRUE(plan.ok()) << plan.status();
  ASSERT_EQ(plan->tasks.size(), 1);
  ASSERT_EQ(plan->tasks[0].metric.buckets->spans.size(), 3);
  EXPECT_EQ(plan->tasks[0].metric.buckets->spans.back().start, Utc(2024, 6, 12));
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
  EXPECT_EQ(plan->tasks[0].metric.buckets, plan->tasks[1].metric.buckets);
  EXPECT_NE(plan->tasks[0].metric.buckets, plan->tasks[2].metric.buckets);
  EXPECT_NE(plan->tasks[0].metric.buckets, plan->tasks[3].metric.buckets);
  EXPECT_EQ(plan->tasks[2].metric.buckets->spans.size(), 24);
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

MetricDefinition InBars(MetricDefinition metric, absl::Duration timeframe = absl::Minutes(15)) {
  metric.timeframe = timeframe;
  return metric;
}

TEST(PlanShardTest, MetricsOfTheSameBarsShareThemWhateverTheirReach) {
  calendar::Window rolling = Rth();
  rolling.reach = calendar::WindowReach::kRolling;
  rolling.count = 3;
  MetricDefinition monthly = InBars(BarsMetric("a/month", "sum(volume)", {}, Rth()));
  monthly.grain = Grain::kMonth;
  MetricDefinition hourly = monthly;
  hourly.ref.id = "a/hour";
  hourly.grain = Grain::kHour;
  MetricDefinition aligned = InBars(BarsMetric("a/aligned", "last(close)", {}, Rth()));
  aligned.alignment = calendar::BarAlignment::kSession;
  const auto plan = PlanBars(
      {InBars(BarsMetric("a/last", "last(close)", {}, Rth())), monthly,
       InBars(BarsMetric("a/rolling", "last(close)", {}, rolling)),
       InBars(BarsMetric("a/filter", "last(close)", {"volume > 0"}, Rth())),
       InBars(BarsMetric("a/coarse", "last(close)", {}, Rth()), absl::Hours(1)), aligned, hourly,
       InBars(BarsMetric("a/day", "last(close)")), BarsMetric("a/rows", "last(close)", {}, Rth())},
      absl::CivilDay(2024, 3, 1), absl::CivilDay(2024, 4, 1), *NewYork());
  ASSERT_TRUE(plan.ok()) << plan.status();
  const std::shared_ptr<const Resampling> shared = plan->tasks[0].resampling;
  ASSERT_NE(shared, nullptr);
  EXPECT_EQ(plan->tasks[1].resampling, shared);
  EXPECT_EQ(plan->tasks[2].resampling, shared);
  for (size_t i = 3; i < 8; ++i) {
    EXPECT_NE(plan->tasks[i].resampling, nullptr) << i;
    for (size_t other = 0; other < i; ++other) {
      EXPECT_NE(plan->tasks[i].resampling, plan->tasks[other].resampling) << i << " " << other;
    }
  }
  EXPECT_EQ(plan->tasks[8].resampling, nullptr);
  EXPECT_THAT(shared->columns, ElementsAre(vector::ColumnFold{"close", vector::Fold::kLast},
                                           vector::ColumnFold{"volume", vector::Fold::kSum}));
  // 21 sessions of March and the two before that the rolling window shows.
  EXPECT_EQ(shared->slices.size(), 23);
  EXPECT_EQ(shared->slices.front().start, Utc(2024, 2, 28, 14, 30));
  EXPECT_EQ(plan->interval->start, Utc(2024, 2, 28, 14, 30));
}

TEST(PlanShardTest, RowsThatAreBarsOfTheTimeframeStayWhatTheyAre) {
  const MetricDefinition metric = InBars(BarsMetric("a/last", "last(close)"));
  Dataset dataset = Bars();
  dataset.timeframe = absl::Minutes(15);
  const auto plan = PlanOf(ShardOf({metric}, {"A"}, kMonday, kMonday + 1), Share({metric}), dataset,
                           *AlwaysOpen());
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_EQ(plan->tasks[0].resampling, nullptr);
  dataset.timeframe = absl::Minutes(10);
  EXPECT_EQ(status::ReasonOf(PlanOf(ShardOf({metric}, {"A"}, kMonday, kMonday + 1), Share({metric}),
                                    dataset, *AlwaysOpen())
                                 .status()),
            "DEFINITION_INVALID");
}

absl::StatusOr<RowPlan> PlanRolledUp(std::string rollup, Grain own, Grain grain,
                                     calendar::Window window = {}) {
  MetricDefinition metric = BarsMetric("a/metric", "last(close)", {}, std::move(window));
  metric.grain = own;
  metric.rollup = std::move(rollup);
  LeasedShard shard =
      ShardOf({metric}, {"A"}, absl::CivilDay(2024, 1, 1), absl::CivilDay(2024, 4, 1));
  shard.metrics[0].grain = grain;
  const auto calendar = NewYork();
  return PlanOf(shard, Share({metric}), Bars(), *calendar);
}

TEST(PlanShardTest, ARollupIsComputedAtItsOwnGrainAndFolded) {
  const auto plan = PlanRolledUp("last", Grain::kMonth, Grain::kQuarter);
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_EQ(plan->tasks[0].metric.buckets->spans.size(), 3);
  ASSERT_TRUE(plan->tasks[0].fold.has_value());
  EXPECT_EQ(plan->tasks[0].fold->fold, vector::Fold::kLast);
  EXPECT_THAT(*plan->tasks[0].fold->starts_micros, ElementsAre(ToMicros(Utc(2024, 1, 1, 5))));
  EXPECT_FALSE(PlanRolledUp("last", Grain::kMonth, Grain::kMonth)->tasks[0].fold.has_value());
  EXPECT_FALSE(PlanRolledUp("", Grain::kMonth, Grain::kQuarter)->tasks[0].fold.has_value());
  // Only the metric's own grain must fit the window.
  const calendar::Window to_date{.reach = calendar::WindowReach::kToDate, .period = Grain::kMonth};
  EXPECT_TRUE(PlanRolledUp("last", Grain::kDay, Grain::kQuarter, to_date).ok());
  EXPECT_EQ(status::ReasonOf(PlanRolledUp("", Grain::kDay, Grain::kQuarter, to_date).status()),
            "DEFINITION_INVALID");
}

TEST(PlanShardTest, RollupsThatMakeNoSenseAreRefused) {
  EXPECT_EQ(status::ReasonOf(PlanRolledUp("mode", Grain::kDay, Grain::kMonth).status()),
            "DEFINITION_INVALID");
  EXPECT_EQ(status::ReasonOf(PlanRolledUp("last", Grain::kWeek, Grain::kMonth).status()),
            "NOT_SUPPORTED");
  // February and March are no whole quarter.
  MetricDefinition metric = BarsMetric("a/metric", "last(close)");
  metric.rollup = "last";
  LeasedShard shard =
      ShardOf({metric}, {"A"}, absl::CivilDay(2024, 2, 1), absl::CivilDay(2024, 4, 1));
  shard.metrics[0].grain = Grain::kQuarter;
  EXPECT_EQ(status::ReasonOf(PlanOf(shard, Share({metric}), Bars(), *NewYork()).status()),
            "FIELD_INVALID");
}

TEST(PlanMetricTest, RangesOfDatesThatShowTheSameRowsHaveThemOnce) {
  calendar::Window rolling = Rth();
  rolling.reach = calendar::WindowReach::kRolling;
  rolling.count = 5;
  const auto plan = PlanRows(BarsMetric("a/last", "last(close)", {}, rolling), Bars(), *NewYork(),
                             {{kMonday, kMonday + 1}, {kMonday + 2, kMonday + 4}});
  ASSERT_TRUE(plan.ok()) << plan.status();
  const calendar::WindowBuckets& buckets = *plan->tasks[0].metric.buckets;
  ASSERT_EQ(buckets.spans.size(), 3);
  EXPECT_EQ(buckets.spans[0].start, Utc(2024, 3, 4, 5));
  EXPECT_EQ(buckets.spans[1].start, Utc(2024, 3, 6, 5));
  EXPECT_EQ(buckets.spans[2].start, Utc(2024, 3, 7, 5));
  for (size_t i = 1; i < buckets.slices.size(); ++i) {
    EXPECT_LE(buckets.slices[i - 1].end, buckets.slices[i].start);
  }
  EXPECT_EQ(buckets.BucketAt(2).slices.size(), 5);
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

MetricDefinition Resampled(absl::Duration timeframe, std::string expression = "last(close)") {
  MetricDefinition metric = BarsMetric("a/bad", std::move(expression));
  metric.timeframe = timeframe;
  return metric;
}

MetricDefinition AlignedToNoSession() {
  MetricDefinition metric = Resampled(absl::Minutes(5));
  metric.alignment = calendar::BarAlignment::kSession;
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
        Refusal{"BarsThatDoNotDivideADay", Resampled(absl::Minutes(7)), "DEFINITION_INVALID"},
        Refusal{"BarsOfNoTime", Resampled(absl::ZeroDuration()), "DEFINITION_INVALID"},
        Refusal{"BarsOfAColumnWithoutRollup", Resampled(absl::Minutes(5), "count(DISTINCT venue)"),
                "DEFINITION_INVALID"},
        Refusal{"BarsFromTheOpenOfNoSession", AlignedToNoSession(), "DEFINITION_INVALID"},
        Refusal{"PeriodShorterThanTheGrain",
                BarsMetric("a/bad", "last(close)", {},
                           {.reach = calendar::WindowReach::kToDate, .period = Grain::kHour}),
                "DEFINITION_INVALID"},
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
  const auto plan = PlanOf(ShardOf({metric}, {"A"}, kMonday, kMonday + 1), Share({metric}), dataset,
                           *AlwaysOpen());
  EXPECT_EQ(status::ReasonOf(plan.status()), "FIELD_INVALID");
}

TEST(PlanShardTest, AShardWithoutEntitiesIsRefused) {
  const MetricDefinition metric = BarsMetric("a/last", "last(close)");
  const auto plan =
      PlanOf(ShardOf({metric}, {}, kMonday, kMonday + 1), Share({metric}), Bars(), *AlwaysOpen());
  EXPECT_EQ(status::ReasonOf(plan.status()), "FIELD_REQUIRED");
}

}  // namespace
}  // namespace metricstore::compute
