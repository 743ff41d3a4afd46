// Jobs on a real database: created, cut into shards, read, listed, ended.

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/integration/data/backfill_fixture.h"

namespace metricstore::registry {
namespace {

using ::metricstore::testing::HasMetadata;
using ::metricstore::testing::StatusIs;
using ::metricstore::testing::ViolatesField;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST_F(BackfillStoreTest, CreatesARunningJobWithItsShards) {
  const auto created = CreateBackfill({"prices/*"}, kJanuary);
  ASSERT_OK(created);
  const Backfill& job = created->backfill;
  EXPECT_FALSE(created->existing);
  EXPECT_GT(job.id, 0);
  EXPECT_EQ(job.state, BackfillState::kRunning);
  EXPECT_THAT(job.spec.metrics, ElementsAre(MetricAtGrain{"prices/hourly_volume", 1, Grain::kHour},
                                            MetricAtGrain{"prices/last_close", 1, Grain::kDay},
                                            MetricAtGrain{"prices/weekly_high", 1, Grain::kWeek},
                                            MetricAtGrain{"prices/yearly_low", 1, Grain::kYear}));
  EXPECT_THAT(job.spec.entities, IsEmpty());
  // Widened to the whole year of the coarsest grain.
  EXPECT_EQ(job.spec.dates, Dates(absl::CivilDay(2024, 1, 1), absl::CivilDay(2025, 1, 1)));
  EXPECT_EQ(job.shards_total, 3);  // by month, week and year
  EXPECT_EQ(Number("SELECT count(*) FROM backfill_shards"), 3);
  EXPECT_EQ(job.shards_done + job.shards_failed + job.shards_leased, 0);
}

TEST_F(BackfillStoreTest, ShardsNameWhatIsToBeDone) {
  ASSERT_OK(CreateBackfill({"last_close"}, kJanuary, {"SPY", "QQQ", "SPY"}));
  const auto shards = LeaseAll();
  ASSERT_EQ(shards.size(), 1u);
  const ShardSpec& spec = shards[0].spec;
  EXPECT_EQ(shards[0].project, "default");
  EXPECT_EQ(spec.dataset, "fact_bars");
  EXPECT_EQ(spec.calendar, "24_7");
  EXPECT_EQ(spec.calendar_version, 1);
  EXPECT_THAT(spec.entities, ElementsAre("QQQ", "SPY"));
  EXPECT_EQ(spec.dates, kJanuary);
  EXPECT_EQ(spec.extent, (TimeRange{Utc(2024, 1, 1), Utc(2024, 2, 1)}));
}

TEST_F(BackfillStoreTest, GrainsOfTheRequestReplaceTheMetricsOwn) {
  const auto created =
      Create({.metrics = {"last_close"}, .dates = kJanuary, .grains = {Grain::kWeek, Grain::kDay}});
  ASSERT_OK(created);
  EXPECT_THAT(created->backfill.spec.metrics,
              ElementsAre(MetricAtGrain{"prices/last_close", 1, Grain::kDay},
                          MetricAtGrain{"prices/last_close", 1, Grain::kWeek}));
  EXPECT_EQ(created->backfill.spec.dates.end, absl::CivilDay(2024, 2, 5));
}

TEST_F(BackfillStoreTest, BatchThatChangesNoRowResumes) {
  const auto first = CreateBackfill({"last_close"}, kJanuary);
  ASSERT_OK(first);
  ASSERT_OK(Store(Bars("unchanged", {{"SPY", Utc(2024, 1, 2), 1, 100}})));
  const auto resumed = CreateBackfill({"last_close"}, kJanuary);
  ASSERT_OK(resumed);
  EXPECT_TRUE(resumed->existing);
}

TEST_F(BackfillStoreTest, AChangedCalendarMakesANewJob) {
  const auto first = CreateBackfill({"last_close"}, kJanuary);
  ASSERT_OK(first);
  ASSERT_OK(Import(R"yaml(
kind: calendar
name: 24_7
description: Every day but one, in UTC.
time_zone: UTC
first_date: 2000-01-01
last_date: 2030-12-31
open_days: [mon, tue, wed, thu, fri, sat, sun]
sessions:
  - {name: all, open: "00:00", close: "24:00"}
holidays:
  - {name: New Year, on: {month: 1, day: 1}}
)yaml"));
  const auto next = CreateBackfill({"last_close"}, kJanuary);
  ASSERT_OK(next);
  EXPECT_FALSE(next->existing);
  EXPECT_NE(next->backfill.id, first->backfill.id);
  EXPECT_EQ(
      Select("SELECT spec ->> 'calendar_version' AS v FROM backfill_shards ORDER BY shard_id"),
      "1\n2\n");
}

TEST_F(BackfillStoreTest, KeepsTheRequestedDatesAndWhatItSees) {
  ASSERT_OK(Create({.metrics = {"last_close"},
                    .dates = Dates(absl::CivilDay(2024, 1, 2), absl::CivilDay(2024, 1, 4)),
                    .grains = {Grain::kDay, Grain::kYear}}));
  EXPECT_EQ(Select("SELECT requested_dates AS r, spec -> 'dates' AS d FROM backfills"),
            "[2024-01-02,2024-01-04)|[\"2024-01-01\", \"2025-01-01\"]\n");
  EXPECT_EQ(Number("SELECT count(*) FROM backfills, ingest_batches "
                   "WHERE pg_visible_in_snapshot(created_xid, created_snapshot)"),
            2);
}

TEST_F(BackfillStoreTest, ACoarserGrainOfAMetricWithARollupIsAccepted) {
  ASSERT_OK(Import(
      "- {name: mtd, category: folded, description: Month to date., type: sum, grain: day, "
      "table: fact_bars, window: week_to_date, rollup: last, expression: sum(volume)}\n"
      "- {name: plain, category: folded, description: Month to date., type: sum, grain: day, "
      "table: fact_bars, window: week_to_date, expression: sum(volume)}\n"));
  BackfillRequest request{.metrics = {"folded/mtd"}, .dates = kJanuary, .grains = {Grain::kMonth}};
  const auto folded = Create(request);
  ASSERT_OK(folded);
  EXPECT_THAT(folded->backfill.spec.metrics,
              ElementsAre(MetricAtGrain{"folded/mtd", 1, Grain::kMonth}));
  // Without one it is computed of the rows, and weeks are shorter than months.
  request.metrics = {"folded/plain"};
  const auto refused = Create(request);
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_INVALID"));
  EXPECT_THAT(refused, ViolatesField("grains"));
  request.metrics = {"folded/*"};
  const auto some = Create(request);
  ASSERT_OK(some);
  EXPECT_TRUE(some->existing);
  ASSERT_EQ(some->skipped.size(), 1u);
  EXPECT_EQ(some->skipped[0].id, "folded/plain");
  EXPECT_THAT(some->skipped[0].reason, HasSubstr("not by month"));
}

TEST_F(BackfillStoreTest, BucketsAfterTheLastRowAreComputedWhereWindowsReachBack) {
  ASSERT_OK(
      Import("{name: rolling, category: prices, description: Ten days., type: sum, grain: day, "
             "table: fact_bars, window: rolling_40d, expression: sum(volume)}"));
  const DateRange months = Dates(absl::CivilDay(2024, 2, 1), absl::CivilDay(2024, 6, 1));
  ASSERT_OK(CreateBackfill({"last_close"}, months));
  EXPECT_TRUE(LeaseAll().empty());
  ASSERT_OK(CreateBackfill({"rolling"}, months));
  const auto shards = LeaseAll();
  ASSERT_EQ(shards.size(), 1u);
  EXPECT_EQ(shards[0].spec.dates, Dates(absl::CivilDay(2024, 2, 1), absl::CivilDay(2024, 3, 1)));
}

TEST_F(BackfillStoreTest, AJobWithNothingToReadSucceedsAtOnce) {
  const DateRange before = Dates(absl::CivilDay(2020, 1, 1), absl::CivilDay(2020, 2, 1));
  const BackfillRequest request{
      .metrics = {"last_close", "weekly_high"}, .dates = before, .request_id = "once"};
  const auto created = Create(request);
  ASSERT_OK(created);
  EXPECT_FALSE(created->existing);
  EXPECT_EQ(created->backfill.state, BackfillState::kSucceeded);
  EXPECT_EQ(created->backfill.shards_total, 0);
  EXPECT_TRUE(created->backfill.end_time.has_value());
  EXPECT_TRUE(LeaseAll().empty());
  const auto again = Create(request);
  ASSERT_OK(again);
  EXPECT_EQ(again->backfill.id, created->backfill.id);
  // Without a request id it is another one: the first has ended.
  const auto other = CreateBackfill({"last_close"}, before);
  ASSERT_OK(other);
  EXPECT_NE(other->backfill.id, created->backfill.id);
}

TEST_F(BackfillStoreTest, BucketsThatTheCalendarKnowsInPartAreLeftOut) {
  // The calendar's first week and its last begin before it and end after it.
  const auto dates_of = [&](const std::string& metric, DateRange dates) {
    const auto created = Create({.metrics = {metric}, .dates = dates, .validate_only = true});
    EXPECT_OK(created);
    return created.ok() ? created->backfill.spec.dates : DateRange{};
  };
  EXPECT_EQ(dates_of("weekly_high", Dates(absl::CivilDay(2000, 1, 1), absl::CivilDay(2000, 1, 5))),
            Dates(absl::CivilDay(2000, 1, 3), absl::CivilDay(2000, 1, 10)));
  EXPECT_EQ(
      dates_of("weekly_high", Dates(absl::CivilDay(2030, 12, 20), absl::CivilDay(2031, 1, 1))),
      Dates(absl::CivilDay(2030, 12, 16), absl::CivilDay(2030, 12, 30)));
  EXPECT_EQ(dates_of("last_close", Dates(absl::CivilDay(2000, 1, 1), absl::CivilDay(2000, 1, 5))),
            Dates(absl::CivilDay(2000, 1, 1), absl::CivilDay(2000, 1, 5)));
  const auto none = CreateBackfill({"weekly_high"},
                                   Dates(absl::CivilDay(2000, 1, 1), absl::CivilDay(2000, 1, 2)));
  EXPECT_THAT(none, StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_INVALID"));
  EXPECT_THAT(std::string(none.status().message()),
              HasSubstr("metric prices/weekly_high is not computed: whole buckets are computed"));
  EXPECT_THAT(std::string(none.status().message()), HasSubstr("no whole week around 2000-01-01"));
}

TEST_F(BackfillStoreTest, MetricsWithoutAWholeBucketAreSkippedAndTheOthersComputed) {
  const BackfillRequest request{
      .metrics = {"prices/*"},
      .dates = Dates(absl::CivilDay(2000, 1, 1), absl::CivilDay(2000, 1, 2)),
      .validate_only = true};
  const auto created = Create(request);
  ASSERT_OK(created);
  std::vector<std::string> computed, skipped;
  for (const MetricAtGrain& metric : created->backfill.spec.metrics) computed.push_back(metric.id);
  for (const SkippedMetric& metric : created->skipped) skipped.push_back(metric.id);
  EXPECT_THAT(computed,
              ElementsAre("prices/hourly_volume", "prices/last_close", "prices/yearly_low"));
  ASSERT_THAT(skipped, ElementsAre("prices/weekly_high"));
  EXPECT_THAT(created->skipped[0].reason, HasSubstr("no whole week around 2000-01-01"));
}

TEST_F(BackfillStoreTest, MarkedPointsBeyondTheRowsAreComputedAway) {
  const DateRange march = Dates(absl::CivilDay(2024, 3, 1), absl::CivilDay(2024, 4, 1));
  ASSERT_OK(CreateBackfill({"last_close"}, kJanuary));
  for (const LeasedShard& shard : LeaseAll()) {
    ShardResults results;
    for (const std::string& entity : shard.spec.entities) {
      results[{shard.spec.metrics[0], entity}] = Points{{ToMicros(Utc(2024, 1, 3))}, {5}, {}};
    }
    ASSERT_OK(committer_.Commit({shard.shard_id, shard.fence}, results, {.rows = 1}, {}));
  }
  Execute(
      "INSERT INTO metric_chunk (project_id, series_id, span_start, bucket_starts, \"values\") "
      "SELECT project_id, series_id, '2024-03-01', '{2024-03-05 00:00Z}', '{7}' "
      "FROM metric_series WHERE entity = 'QQQ'");
  ASSERT_OK(CreateBackfill({"last_close"}, march));
  EXPECT_TRUE(LeaseAll().empty()) << "nothing says that the point is wrong";

  Execute(
      "INSERT INTO dirty_ranges (project_id, metric_id, version, grain, start_date, end_date, "
      "cause) SELECT project_id, metric_id, version, grain, '2024-03-04', '2024-03-08', "
      "'calendar' FROM metric_series WHERE entity = 'QQQ'");
  ASSERT_OK(CreateBackfill({"last_close"}, march));
  const auto shards = LeaseAll();
  ASSERT_EQ(shards.size(), 1u);
  EXPECT_THAT(shards[0].spec.entities, ElementsAre("QQQ"));
  EXPECT_EQ(shards[0].spec.dates, march);
  ShardResults results;
  results[{shards[0].spec.metrics[0], "QQQ"}] = Points{};
  ASSERT_OK(committer_.Commit({shards[0].shard_id, shards[0].fence}, results, {}, {}));
  EXPECT_EQ(Select("SELECT entity, bucket_start::date FROM metrics_trend_point ORDER BY 1, 2"),
            "QQQ|2024-01-03\nSPY|2024-01-03\n");
}

TEST_F(BackfillStoreTest, EntityWhoseRowsMovedAwayIsComputedAgain) {
  ASSERT_OK(Import(R"yaml(
- {name: spent, category: orders, description: Spent a day., type: sum, grain: day,
   table: event_orders, expression: sum(amount)}
)yaml"));
  const auto order_of = [&](const std::string& customer) {
    return Store(
        {.batch_id = customer,
         .content_sha256 = customer,
         .rows = BatchOf({IntColumn("order_id", {1}), TimeColumn("placed_at", {Minute(0)}),
                          TextColumn("customer", {customer}), FloatColumn("amount", {5})})},
        "event_orders");
  };
  const auto commit = [&](const std::string& entity) {
    EXPECT_OK(CreateBackfill({"spent"}, kJanuary));
    const auto shards = LeaseAll();
    ASSERT_EQ(shards.size(), 1u);
    ShardResults results;
    for (const std::string& of : shards[0].spec.entities) {
      results[{shards[0].spec.metrics[0], of}] =
          of == entity ? Points{{ToMicros(Utc(2024, 1, 2))}, {5}, {}} : Points{};
    }
    ASSERT_OK(committer_.Commit({shards[0].shard_id, shards[0].fence}, results, {.rows = 1}, {}));
  };
  ASSERT_OK(order_of("ann"));
  commit("ann");
  ASSERT_OK(order_of("bob"));
  commit("bob");
  EXPECT_EQ(Select("SELECT entity, value FROM metrics_trend_point"), "bob|5\n");
}

TEST_F(BackfillStoreTest, EveryShardOfManyMetricsCanBeCommitted) {
  // A row an hour for ten years: what 200 metrics give of it is four times what a shard may hold.
  constexpr int kMetrics = 200;
  std::string yaml;
  for (int i = 0; i < kMetrics; ++i) {
    absl::StrAppend(&yaml, "- {name: m", i,
                    ", category: many, description: Many., type: sum, grain: hour, "
                    "table: fact_bars, expression: sum(volume)}\n");
  }
  ASSERT_OK(Import(yaml));
  Execute(
      "UPDATE dataset_entities SET row_count = 87672, oldest_at = '2014-01-01 00:00Z', "
      "newest_at = '2023-12-31 23:00Z' WHERE entity = 'SPY'");
  const DateRange decade = Dates(absl::CivilDay(2014, 1, 1), absl::CivilDay(2024, 1, 1));
  ASSERT_OK(CreateBackfill({"many/*"}, decade, {"SPY"}));
  const auto shards = LeaseAll();
  int64_t hours = 0;
  for (const LeasedShard& shard : shards) {
    hours += absl::ToInt64Hours(shard.spec.extent.end - shard.spec.extent.start);
    EXPECT_LE(absl::ToInt64Hours(shard.spec.extent.end - shard.spec.extent.start) * kMetrics,
              kMaxShardPoints);
    EXPECT_EQ(shard.spec.metrics.size(), static_cast<size_t>(kMetrics));
  }
  EXPECT_EQ(hours, 87'648);

  ShardResults results;
  Points points;
  for (absl::Time hour = shards[0].spec.extent.start; hour < shards[0].spec.extent.end;
       hour += absl::Hours(1)) {
    points.bucket_starts.push_back(ToMicros(hour));
    points.values.push_back(1);
  }
  for (const MetricAtGrain& metric : shards[0].spec.metrics) results[{metric, "SPY"}] = points;
  const auto committed =
      committer_.Commit({shards[0].shard_id, shards[0].fence}, results, {.rows = 1}, {});
  ASSERT_OK(committed);
  EXPECT_EQ(committed->points, static_cast<int64_t>(points.size()) * kMetrics);
}

TEST_F(BackfillStoreTest, ValidateOnlyStoresNothing) {
  const auto created =
      Create({.metrics = {"last_close"}, .dates = kJanuary, .validate_only = true});
  ASSERT_OK(created);
  EXPECT_EQ(created->backfill.id, 0);
  EXPECT_EQ(created->backfill.shards_total, 1);
  EXPECT_EQ(Number("SELECT count(*) FROM backfills"), 0);
}

TEST_F(BackfillStoreTest, BadRequestsAreRefusedWithTheirReason) {
  EXPECT_THAT(CreateBackfill({"no_such"}, kJanuary),
              StatusIs(absl::StatusCode::kNotFound, "METRIC_NOT_FOUND"));
  const auto entity = CreateBackfill({"last_close"}, kJanuary, {"SPY", "TSLA"});
  EXPECT_THAT(entity, StatusIs(absl::StatusCode::kNotFound, "ENTITY_NOT_FOUND"));
  EXPECT_THAT(entity, HasMetadata("entity", "TSLA"));
  EXPECT_THAT(entity, HasMetadata("dataset", "fact_bars"));
  EXPECT_THAT(CreateBackfill({}, kJanuary),
              StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_REQUIRED"));
  EXPECT_THAT(CreateBackfill({"last_close"}, Dates(kJanuary.end, kJanuary.start)),
              StatusIs(absl::StatusCode::kInvalidArgument, "INTERVAL_REVERSED"));
  EXPECT_THAT(
      CreateBackfill({"last_close"}, Dates(absl::CivilDay(1920, 1, 1), absl::CivilDay(2020, 1, 2))),
      ViolatesField("dates"));
  const auto unknown_dates = CreateBackfill(
      {"last_close"}, Dates(absl::CivilDay(1999, 12, 1), absl::CivilDay(2024, 2, 1)));
  EXPECT_THAT(unknown_dates, StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_INVALID"));
  EXPECT_THAT(unknown_dates, ViolatesField("dates"));
  const auto no_rows = CreateBackfill({"tick_count"}, kJanuary);
  EXPECT_THAT(no_rows, StatusIs(absl::StatusCode::kInvalidArgument, "BACKFILL_EMPTY"));
  EXPECT_THAT(no_rows, HasMetadata("dataset", "fact_ticks"));
  EXPECT_EQ(Number("SELECT count(*) FROM backfills"), 0);
}

TEST_F(BackfillStoreTest, GetAndCancelOfAnUnknownJobAreNotFound) {
  EXPECT_THAT(backfills_.Get(project_, 99, {}),
              StatusIs(absl::StatusCode::kNotFound, "BACKFILL_NOT_FOUND"));
  EXPECT_THAT(backfills_.Cancel(project_, 99, {}), HasMetadata("backfill", "99"));
  const auto created = CreateBackfill({"last_close"}, kJanuary);
  ASSERT_OK(created);
  EXPECT_THAT(backfills_.Get(project_ + 1, created->backfill.id, {}),
              StatusIs(absl::StatusCode::kNotFound, "BACKFILL_NOT_FOUND"));
}

TEST_F(BackfillStoreTest, JobsAreListedNewestFirstInPages) {
  std::vector<int64_t> ids;
  for (const char* metric : {"last_close", "hourly_volume", "weekly_high"}) {
    const auto created = CreateBackfill({metric}, kJanuary);
    ASSERT_OK(created);
    ids.push_back(created->backfill.id);
  }
  const auto first = backfills_.List(project_, 0, 2, {});
  ASSERT_OK(first);
  ASSERT_EQ(first->size(), 2u);
  EXPECT_EQ((*first)[0].id, ids[2]);
  EXPECT_EQ((*first)[1].id, ids[1]);
  const auto second = backfills_.List(project_, ids[1], 2, {});
  ASSERT_OK(second);
  ASSERT_EQ(second->size(), 1u);
  EXPECT_EQ((*second)[0].id, ids[0]);
}

TEST_F(BackfillStoreTest, CancelEndsTheJobAndIsHarmlessAfterwards) {
  const auto created = CreateBackfill({"last_close"}, kJanuary);
  ASSERT_OK(created);
  const auto cancelled = backfills_.Cancel(project_, created->backfill.id, {});
  ASSERT_OK(cancelled);
  EXPECT_EQ(cancelled->state, BackfillState::kCancelled);
  ASSERT_TRUE(cancelled->end_time.has_value());
  EXPECT_THAT(LeaseAll(), IsEmpty());
  const auto again = backfills_.Cancel(project_, created->backfill.id, {});
  ASSERT_OK(again);
  EXPECT_EQ(again->end_time, cancelled->end_time);
}

TEST_F(BackfillStoreTest, CancelDoesNotUndoAJobThatEnded) {
  ASSERT_OK(CreateBackfill({"last_close"}, kJanuary));
  const auto shards = LeaseAll();
  ASSERT_EQ(shards.size(), 1u);
  ASSERT_OK(committer_.Commit({shards[0].shard_id, shards[0].fence}, {}, {}, {}));
  const auto job = backfills_.Cancel(project_, shards[0].backfill_id, {});
  ASSERT_OK(job);
  EXPECT_EQ(job->state, BackfillState::kSucceeded);
  EXPECT_EQ(job->shards_done, 1);
}

}  // namespace
}  // namespace metricstore::registry
