// Jobs on a real database: created once, read, listed, ended.
#include <atomic>
#include <thread>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/integration/data/data_fixture.h"

namespace metricstore::registry {
namespace {

using ::metricstore::testing::HasMetadata;
using ::metricstore::testing::IsOk;
using ::metricstore::testing::StatusIs;
using ::metricstore::testing::ViolatesField;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

const DateRange kJanuary{absl::CivilDay(2024, 1, 1), absl::CivilDay(2024, 2, 1)};

class BackfillStoreTest : public DataTest {
 protected:
  BackfillStoreTest() {
    StoreMinutes("SPY", Utc(2024, 1, 2), 100);
    StoreMinutes("QQQ", Utc(2024, 1, 3), 100);
  }

  absl::StatusOr<CreatedBackfill> Create(const BackfillRequest& request) {
    return backfills_.Create(project_, request, {});
  }
};

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

TEST_F(BackfillStoreTest, UnfinishedJobLikeItIsReturned) {
  const auto first = CreateBackfill({"last_close"}, kJanuary, {"SPY", "QQQ"});
  const auto same = CreateBackfill({"prices/last_close"}, kJanuary, {"QQQ", "SPY"});
  const auto other = CreateBackfill({"last_close"}, kJanuary);
  ASSERT_OK(first);
  ASSERT_OK(same);
  ASSERT_OK(other);
  EXPECT_TRUE(same->existing);
  EXPECT_EQ(same->backfill.id, first->backfill.id);
  EXPECT_NE(other->backfill.id, first->backfill.id);
  ASSERT_OK(backfills_.Cancel(project_, first->backfill.id, {}));
  const auto anew = CreateBackfill({"last_close"}, kJanuary, {"SPY", "QQQ"});
  ASSERT_OK(anew);
  EXPECT_FALSE(anew->existing);
}

TEST_F(BackfillStoreTest, OtherDatesInsideTheSameCoarseBucketAreAnotherJob) {
  BackfillRequest request{.metrics = {"last_close"},
                          .dates = Dates(absl::CivilDay(2024, 1, 2), absl::CivilDay(2024, 1, 3)),
                          .grains = {Grain::kDay, Grain::kMonth}};
  const auto second = Create(request);
  request.dates = Dates(absl::CivilDay(2024, 1, 3), absl::CivilDay(2024, 1, 4));
  const auto third = Create(request);
  ASSERT_OK(second);
  ASSERT_OK(third);
  EXPECT_EQ(third->backfill.spec, second->backfill.spec);
  EXPECT_FALSE(third->existing);
  std::vector<DateRange> days;
  for (const LeasedShard& shard : LeaseAll()) {
    if (shard.spec.metrics[0].grain == Grain::kDay) days.push_back(shard.spec.dates);
  }
  EXPECT_THAT(days, ElementsAre(Dates(absl::CivilDay(2024, 1, 2), absl::CivilDay(2024, 1, 3)),
                                Dates(absl::CivilDay(2024, 1, 3), absl::CivilDay(2024, 1, 4))));
}

TEST_F(BackfillStoreTest, RowsIngestedInBetweenMakeANewJob) {
  auto last = CreateBackfill({"last_close"}, kJanuary);
  ASSERT_OK(last);
  const auto expect_new_job = [&](const std::string& what) {
    SCOPED_TRACE(what);
    const auto next = CreateBackfill({"last_close"}, kJanuary);
    ASSERT_OK(next);
    EXPECT_FALSE(next->existing);
    EXPECT_NE(next->backfill.id, last->backfill.id);
    const auto resumed = CreateBackfill({"last_close"}, kJanuary);
    ASSERT_OK(resumed);
    EXPECT_TRUE(resumed->existing);
    EXPECT_EQ(resumed->backfill.id, next->backfill.id);
    last = next;
  };
  ASSERT_OK(Store(Bars("entity", {{"IWM", Utc(2024, 1, 4)}})));
  expect_new_job("a new entity");
  ASSERT_OK(Store(Bars("stretch", {{"SPY", Utc(2024, 3, 1)}})));
  expect_new_job("a new stretch");
  ASSERT_OK(Store(Bars("correction", {{"SPY", Utc(2024, 1, 2), 77}})));
  expect_new_job("a corrected row");
}

TEST_F(BackfillStoreTest, BatchThatIsSentAgainOrForAnotherDatasetResumes) {
  const IncomingBatch batch = Bars("late", {{"SPY", Utc(2024, 1, 4)}});
  ASSERT_OK(Store(batch));
  const auto first = CreateBackfill({"last_close"}, kJanuary);
  ASSERT_OK(first);
  ASSERT_OK(Store(batch));
  ASSERT_OK(Store({.batch_id = "tick",
                   .content_sha256 = "tick",
                   .rows = BatchOf({TimeColumn("ts", {Utc(2024, 1, 4)}), IntColumn("seq", {1}),
                                    FloatColumn("price", {1})})},
                  "fact_ticks"));
  const auto resumed = CreateBackfill({"last_close"}, kJanuary);
  ASSERT_OK(resumed);
  EXPECT_TRUE(resumed->existing);
  EXPECT_EQ(resumed->backfill.id, first->backfill.id);
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

TEST_F(BackfillStoreTest, TwentyCallersCreateOneJob) {
  std::vector<std::thread> callers;
  std::atomic<int> created = 0;
  for (int i = 0; i < 20; ++i) {
    callers.emplace_back([&] {
      const auto job = CreateBackfill({"last_close"}, kJanuary);
      EXPECT_OK(job);
      if (job.ok() && !job->existing) ++created;
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(created, 1);
  EXPECT_EQ(Number("SELECT count(*) FROM backfills"), 1);
  EXPECT_EQ(Number("SELECT count(*) FROM backfill_shards"), 1);
}

TEST_F(BackfillStoreTest, TwentyCallersWithOneRequestIdGetOneJob) {
  std::vector<std::thread> callers;
  std::atomic<int> created = 0;
  for (int i = 0; i < 20; ++i) {
    callers.emplace_back([&] {
      const auto job =
          Create({.metrics = {"last_close"}, .dates = kJanuary, .request_id = "nightly"});
      EXPECT_OK(job);
      if (job.ok() && !job->existing) ++created;
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(created, 1);
  EXPECT_EQ(Number("SELECT count(*) FROM backfills"), 1);
}

TEST_F(BackfillStoreTest, RequestIdStandsForItsJobForEver) {
  const BackfillRequest request{
      .metrics = {"last_close"}, .dates = kJanuary, .request_id = "nightly"};
  const auto first = Create(request);
  ASSERT_OK(first);
  ASSERT_OK(backfills_.Cancel(project_, first->backfill.id, {}));
  const auto again = Create(request);
  ASSERT_OK(again);
  EXPECT_TRUE(again->existing);
  EXPECT_EQ(again->backfill.id, first->backfill.id);
  EXPECT_EQ(again->backfill.state, BackfillState::kCancelled);

  BackfillRequest other = request;
  other.entities = {"SPY"};
  EXPECT_THAT(Create(other), StatusIs(absl::StatusCode::kAlreadyExists, "REQUEST_ID_REUSED"));
  EXPECT_THAT(Create(other), HasMetadata("request_id", "nightly"));
  EXPECT_EQ(Number("SELECT count(*) FROM backfills"), 1);
}

TEST_F(BackfillStoreTest, SecondRequestIdOfAnUnfinishedJobStaysWithIt) {
  BackfillRequest request{.metrics = {"last_close"}, .dates = kJanuary, .request_id = "a"};
  const auto first = Create(request);
  ASSERT_OK(first);
  request.request_id = "b";
  const auto second = Create(request);
  ASSERT_OK(second);
  EXPECT_EQ(second->backfill.id, first->backfill.id);
  ASSERT_OK(backfills_.Cancel(project_, first->backfill.id, {}));
  const auto later = Create(request);
  ASSERT_OK(later);
  EXPECT_EQ(later->backfill.id, first->backfill.id);
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
  EXPECT_THAT(CreateBackfill({"tick_count"}, kJanuary),
              StatusIs(absl::StatusCode::kInvalidArgument, "BACKFILL_EMPTY"));
  EXPECT_THAT(
      CreateBackfill({"last_close"}, Dates(absl::CivilDay(2020, 1, 1), absl::CivilDay(2020, 2, 1))),
      StatusIs(absl::StatusCode::kInvalidArgument, "BACKFILL_EMPTY"));
  EXPECT_EQ(Number("SELECT count(*) FROM backfills"), 0);
}

// A second version of last_close that waits, and a metric that is not computed.
constexpr char kNewerAndSplit[] =
    "- {name: last_close, category: prices, description: Last price., type: derived, unit: USD, "
    "grain: day, table: fact_bars, expression: last(close) + 0}\n"
    "- {name: split, category: prices, description: By note., type: sum, grain: day, "
    "table: fact_bars, expression: sum(volume), dimensions: [note]}\n";

TEST_F(BackfillStoreTest, ComputesTheActiveVersionUnlessTheNewestIsAskedFor) {
  ASSERT_OK(Import(kNewerAndSplit));
  BackfillRequest request{.metrics = {"last_close"}, .dates = kJanuary, .request_id = "a"};
  const auto active = Create(request);
  ASSERT_OK(active);
  EXPECT_THAT(active->backfill.spec.metrics,
              ElementsAre(MetricAtGrain{"prices/last_close", 1, Grain::kDay}));
  request.latest_versions = true;
  EXPECT_THAT(Create(request), StatusIs(absl::StatusCode::kAlreadyExists, "REQUEST_ID_REUSED"));
  request.request_id = "b";
  const auto newest = Create(request);
  ASSERT_OK(newest);
  EXPECT_FALSE(newest->existing);
  EXPECT_THAT(newest->backfill.spec.metrics,
              ElementsAre(MetricAtGrain{"prices/last_close", 2, Grain::kDay}));
  // Where the newest version is the active one, both say the same.
  const auto same =
      Create({.metrics = {"hourly_volume"}, .dates = kJanuary, .latest_versions = true});
  ASSERT_OK(same);
  const auto joined = CreateBackfill({"hourly_volume"}, kJanuary);
  ASSERT_OK(joined);
  EXPECT_EQ(joined->backfill.id, same->backfill.id);
}

TEST_F(BackfillStoreTest, WhatPatternsMatchAndIsNotComputedIsLeftOutAndNamed) {
  ASSERT_OK(Import(kNewerAndSplit));
  const BackfillRequest request{
      .metrics = {"prices/*"}, .dates = kJanuary, .request_id = "nightly"};
  const auto skipped = ElementsAre(SkippedMetric{"prices/split", "has dimensions"});
  BackfillRequest validated = request;
  validated.request_id.clear();
  validated.validate_only = true;
  EXPECT_THAT(Create(validated)->skipped, skipped);
  const auto created = Create(request);
  ASSERT_OK(created);
  EXPECT_EQ(created->backfill.spec.metrics.size(), 4u);
  EXPECT_THAT(created->skipped, skipped);
  const auto again = CreateBackfill({"prices/*"}, kJanuary);
  ASSERT_OK(again);
  EXPECT_TRUE(again->existing);
  EXPECT_THAT(again->skipped, skipped);
  // The same job, asked for without the metric that is left out.
  const auto without = CreateBackfill({"prices/?????y*", "prices/*_*"}, kJanuary);
  ASSERT_OK(without);
  EXPECT_EQ(without->backfill.id, created->backfill.id);
  EXPECT_THAT(without->skipped, IsEmpty());
  // The answer of that time stands.
  Execute("UPDATE metric_definitions SET deleted_at = now() WHERE name = 'split'");
  const auto repeated = Create(request);
  ASSERT_OK(repeated);
  EXPECT_EQ(repeated->backfill.id, created->backfill.id);
  EXPECT_THAT(repeated->skipped, skipped);
}

TEST_F(BackfillStoreTest, WhatIsNotComputedIsRefusedByName) {
  ASSERT_OK(Import(kNewerAndSplit));
  const auto refused = CreateBackfill({"prices/split"}, kJanuary);
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kInvalidArgument, "NOT_SUPPORTED"));
  EXPECT_THAT(refused, HasMetadata("metric", "prices/split"));
  EXPECT_THAT(refused, HasMetadata("reason", "has dimensions"));
  EXPECT_THAT(CreateBackfill({"prices/s*"}, kJanuary),
              StatusIs(absl::StatusCode::kInvalidArgument, "NOT_SUPPORTED"));
  EXPECT_EQ(Number("SELECT count(*) FROM backfills"), 0);
}

TEST_F(BackfillStoreTest, DeletedMetricsAreNotMatched) {
  Execute("UPDATE metric_definitions SET deleted_at = now() WHERE name = 'last_close'");
  EXPECT_THAT(CreateBackfill({"prices/last_close"}, kJanuary),
              StatusIs(absl::StatusCode::kNotFound, "METRIC_NOT_FOUND"));
  const auto created = CreateBackfill({"prices/*"}, kJanuary);
  ASSERT_OK(created);
  EXPECT_EQ(created->backfill.spec.metrics.size(), 3u);
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
