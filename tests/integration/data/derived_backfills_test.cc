// Jobs over metrics that read other metrics.
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/integration/data/backfill_fixture.h"

namespace metricstore::registry {
namespace {

using ::metricstore::testing::HasMetadata;
using ::metricstore::testing::IsOk;
using ::metricstore::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class DerivedBackfillsTest : public BackfillStoreTest {
 protected:
  // Metric CATEGORY/NAME by day; `more` are further lines of its definition.
  void ImportDerived(const std::string& id, const std::string& expression,
                     const std::string& more = "") {
    const size_t slash = id.find('/');
    ASSERT_OK(Import(absl::StrCat("name: ", id.substr(slash + 1), "\ncategory: ",
                                  id.substr(0, slash), "\ndescription: Derived.\ntype: derived\n",
                                  "grain: day\n", more, "expression: \"", expression, "\"\n")));
  }

  // Why the metric is left out of a job of all metrics; "" if it is not.
  std::string WhySkipped(const std::string& id) {
    const auto plan = Create({.metrics = {"*/*"}, .dates = kJanuary, .validate_only = true});
    EXPECT_OK(plan);
    if (!plan.ok()) return plan.status().ToString();
    for (const SkippedMetric& skipped : plan->skipped) {
      if (skipped.id == id) return skipped.reason;
    }
    return "";
  }
};

TEST_F(DerivedBackfillsTest, TheyAreComputedWhereTheFirstMetricThatTheyReadIs) {
  ImportDerived("a/doubled", "metric('prices/last_close') * 2");
  ImportDerived("a/outer", "metric('a/doubled') - metric('prices/hourly_volume')");
  ASSERT_OK(CreateBackfill({"a/*", "last_close"}, kJanuary));
  const auto shards = LeaseAll();
  ASSERT_EQ(shards.size(), 1u);
  EXPECT_EQ(shards[0].spec.dataset, "fact_bars");
  EXPECT_EQ(shards[0].spec.calendar, "24_7");
  EXPECT_THAT(shards[0].spec.also_reads, IsEmpty());
  EXPECT_THAT(shards[0].spec.entities, ElementsAre("QQQ", "SPY"));
  EXPECT_THAT(shards[0].spec.metrics,
              ElementsAre(MetricAtGrain{"a/doubled", 1, Grain::kDay},
                          MetricAtGrain{"a/outer", 1, Grain::kDay},
                          MetricAtGrain{"prices/last_close", 1, Grain::kDay}));
}

TEST_F(DerivedBackfillsTest, OtherDatasetsAreNamedAndTheirRowsGiveDates) {
  ASSERT_OK(
      Import("- {name: paid, category: orders, description: Money., type: sum, grain: day, "
             "table: event_orders, expression: sum(amount)}\n"));
  ImportDerived("a/per_share", "metric('prices/hourly_volume') / metric('orders/paid')");
  ImportDerived("a/own_rows", "sum(volume) / metric('orders/paid')", "table: fact_bars\n");
  ASSERT_OK(Store(
      {.batch_id = "orders",
       .content_sha256 = "orders",
       .rows = BatchOf({IntColumn("order_id", {1, 2}),
                        TimeColumn("placed_at", {Utc(2024, 3, 5), Utc(2024, 3, 6)}),
                        TextColumn("customer", {"SPY", "Ann"}), FloatColumn("amount", {1, 2})})},
      "event_orders"));
  const DateRange march = Dates(absl::CivilDay(2024, 3, 1), absl::CivilDay(2024, 4, 1));
  ASSERT_OK(CreateBackfill({"last_close"}, march));
  EXPECT_TRUE(LeaseAll().empty());
  ASSERT_OK(CreateBackfill({"a/*"}, march));
  const auto shards = LeaseAll();
  ASSERT_EQ(shards.size(), 1u);
  EXPECT_EQ(shards[0].spec.dataset, "fact_bars");
  EXPECT_THAT(shards[0].spec.also_reads, ElementsAre("event_orders"));
  EXPECT_THAT(shards[0].spec.entities, ElementsAre("SPY")) << "of the home dataset";
  EXPECT_EQ(shards[0].spec.metrics.size(), 2u);
  // A job is another one once any of the datasets has new rows.
  Execute("UPDATE backfill_shards SET state = 'queued'");
  const auto same = CreateBackfill({"a/*"}, march);
  ASSERT_OK(same);
  EXPECT_TRUE(same->existing);
  ASSERT_OK(Store(
      {.batch_id = "more",
       .content_sha256 = "more",
       .rows = BatchOf({IntColumn("order_id", {3}), TimeColumn("placed_at", {Utc(2024, 3, 7)}),
                        TextColumn("customer", {"SPY"}), FloatColumn("amount", {1})})},
      "event_orders"));
  EXPECT_FALSE(CreateBackfill({"a/*"}, march)->existing);
  // The other dataset's calendar binds the shard as well.
  Execute("UPDATE datasets SET calendar = 'other' WHERE name = 'event_orders'");
  EXPECT_THAT(committer_.Commit({shards[0].shard_id, shards[0].fence}, {}, {}, {}),
              StatusIs(absl::StatusCode::kAborted, "LEASE_LOST"));
  Execute("UPDATE backfill_shards SET state = 'leased'");
  EXPECT_THAT(committer_.Commit({shards[0].shard_id, shards[0].fence}, {}, {}, {}),
              StatusIs(absl::StatusCode::kFailedPrecondition, "CALENDAR_OUTDATED"));
}

TEST_F(DerivedBackfillsTest, OffsetsReachDatesThatHaveNoRows) {
  ImportDerived("a/before", "metric('prices/last_close', offset => '1 month')");
  const DateRange february = Dates(absl::CivilDay(2024, 2, 1), absl::CivilDay(2024, 3, 1));
  EXPECT_OK(CreateBackfill({"last_close"}, february));
  EXPECT_TRUE(LeaseAll().empty());
  EXPECT_OK(CreateBackfill({"a/before"}, february));
  EXPECT_EQ(LeaseAll().size(), 1u);
  const DateRange march = Dates(absl::CivilDay(2024, 3, 1), absl::CivilDay(2024, 4, 1));
  EXPECT_OK(CreateBackfill({"a/before"}, march));
  EXPECT_TRUE(LeaseAll().empty());
}

TEST_F(DerivedBackfillsTest, WhatCannotBeLinedUpIsLeftOutAndRefusedByName) {
  ImportDerived("a/mixed", "metric('prices/last_close') / metric('ticks/tick_count')");
  ImportDerived("a/through", "metric('a/mixed') + 1");
  ImportDerived("a/twice", "metric('a/through') + 1");
  EXPECT_EQ(WhySkipped("a/mixed"),
            "reads datasets with and without entities: fact_bars has them, fact_ticks has none");
  EXPECT_EQ(WhySkipped("a/through"),
            "reads a/mixed, which is not computed: reads datasets with and without entities: "
            "fact_bars has them, fact_ticks has none");
  EXPECT_EQ(WhySkipped("a/twice"),
            "reads a/mixed through a/through, which is not computed: reads datasets with and "
            "without entities: fact_bars has them, fact_ticks has none");
  const auto named = CreateBackfill({"a/mixed"}, kJanuary);
  EXPECT_THAT(named, StatusIs(absl::StatusCode::kInvalidArgument, "NOT_SUPPORTED"));
  EXPECT_THAT(named, HasMetadata("metric", "a/mixed"));
  Execute(
      "INSERT INTO calendars (project_id, name, version, definition) SELECT project_id, 'other', "
      "1, "
      "definition || '{\"name\": \"other\"}' FROM calendars");
  Execute("UPDATE datasets SET calendar = 'other' WHERE name = 'event_orders'");
  ASSERT_OK(
      Import("- {name: paid, category: orders, description: Money., type: sum, grain: day, "
             "table: event_orders, expression: sum(amount)}\n"));
  ImportDerived("a/apart", "metric('prices/last_close') / metric('orders/paid')");
  EXPECT_EQ(WhySkipped("a/apart"),
            "reads datasets of different calendars: fact_bars on 24_7, event_orders on other");
}

TEST_F(DerivedBackfillsTest, ANewVersionOfWhatIsReadMakesAnotherJob) {
  ImportDerived("a/doubled", "metric('prices/last_close') * 2");
  const auto first = CreateBackfill({"a/doubled"}, kJanuary);
  ASSERT_OK(first);
  EXPECT_EQ(CreateBackfill({"a/doubled"}, kJanuary)->backfill.id, first->backfill.id);
  ASSERT_OK(Import(
      "{name: last_close, category: prices, description: Last price., type: derived, unit: USD, "
      "grain: day, table: fact_bars, expression: last(close) + 0}"));
  EXPECT_EQ(CreateBackfill({"a/doubled"}, kJanuary)->backfill.id, first->backfill.id)
      << "readers are given the active version";
  Execute(
      "UPDATE metric_definitions SET active_version = 2, definition = latest_definition "
      "WHERE name = 'last_close'");
  EXPECT_NE(CreateBackfill({"a/doubled"}, kJanuary)->backfill.id, first->backfill.id);
}

}  // namespace
}  // namespace metricstore::registry
