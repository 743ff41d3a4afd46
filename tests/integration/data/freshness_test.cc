// How new stored points are beside their rows, on a real database.
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/integration/data/freshness_fixture.h"

namespace metricstore::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST_F(FreshnessTest, WithoutRowsThereIsNothingToCompute) {
  const MetricFreshness freshness = ReadOne("prices/last_close");
  EXPECT_EQ(freshness.state, FreshnessState::kNoRows);
  EXPECT_EQ(freshness.newest_row, std::nullopt);
  EXPECT_EQ(freshness.newest_bucket, std::nullopt);
  EXPECT_EQ(freshness.active_version, 1);
}

TEST_F(FreshnessTest, FollowsRowsAndPoints) {
  StoreMinutes("SPY", Utc(2024, 1, 2), 100);
  MetricFreshness freshness = ReadOne("prices/last_close");
  EXPECT_EQ(freshness.state, FreshnessState::kNeverComputed);
  EXPECT_EQ(freshness.newest_row, Utc(2024, 1, 2, 1, 39));
  EXPECT_THAT(freshness.reason, HasSubstr("--from 2024-01-02 --to 2024-01-02"));

  Compute({.metrics = {"last_close"}, .dates = kJanuary}, {Utc(2024, 1, 1), Utc(2024, 1, 2)});
  freshness = ReadOne("prices/last_close");
  EXPECT_EQ(freshness.state, FreshnessState::kFresh);
  EXPECT_EQ(freshness.newest_bucket, Utc(2024, 1, 2));

  StoreMinutes("QQQ", Utc(2024, 1, 4), 1);
  freshness = ReadOne("prices/last_close");
  EXPECT_EQ(freshness.state, FreshnessState::kNewerRows);
  EXPECT_THAT(freshness.reason, HasSubstr("--from 2024-01-04 --to 2024-01-04"));
  EXPECT_THAT(freshness.stale_dates, ElementsAre(Dates(kJanuary.start + 3, kJanuary.start + 4)));
}

TEST_F(FreshnessTest, ARowThatComesLateIntoAComputedBucketMakesItStale) {
  StoreMinutes("SPY", Utc(2024, 1, 2), 3 * 24 * 60);
  const BackfillRequest request{.metrics = {"prices/*"}, .dates = kJanuary};
  Compute(request, {Utc(2024, 1, 2), Utc(2024, 1, 3), Utc(2024, 1, 4)});
  EXPECT_EQ(Text("prices/last_close"), "1");
  StoreLate(Utc(2024, 1, 3, 23, 59) + absl::Seconds(1));
  EXPECT_EQ(Text("prices/last_close"), "7 3 4");
  EXPECT_EQ(Text("prices/hourly_volume"), "7 3 4");
  EXPECT_EQ(Text("prices/weekly_high"), "7 1 8");
  EXPECT_THAT(ReadOne("prices/last_close").reason, HasSubstr("--from 2024-01-03 --to 2024-01-03"));
  Compute({.metrics = {"last_close"}, .dates = Dates(kJanuary.start + 2, kJanuary.start + 3)});
  EXPECT_EQ(Text("prices/last_close"), "1");
  EXPECT_EQ(Text("prices/hourly_volume"), "7 3 4");
  // So does a correction, but no row that was there already.
  ASSERT_OK(Store(Bars("same", {{"SPY", Utc(2024, 1, 4), 2 * 24 * 60 + 1, 100}})));
  EXPECT_EQ(Text("prices/last_close"), "1");
  ASSERT_OK(Store(Bars("other", {{"SPY", Utc(2024, 1, 4), 7, 100}})));
  EXPECT_EQ(Text("prices/last_close"), "7 4 5");
  Compute(request);
  EXPECT_EQ(Text("prices/last_close"), "1");
  EXPECT_EQ(Text("prices/hourly_volume"), "1");
}

TEST_F(FreshnessTest, RowsThatGiveNoPointsAreFreshOnceTheyWereComputed) {
  ImportMetric("busy", "full_day", "volume > 1000");
  StoreMinutes("SPY", Utc(2024, 1, 2), 10);
  EXPECT_EQ(Text("prices/busy"), "2 2 3");
  Compute({.metrics = {"busy"}, .dates = kJanuary});
  EXPECT_EQ(Text("prices/busy"), "1");
  EXPECT_EQ(ReadOne("prices/busy").newest_bucket, std::nullopt);
  StoreLate(Utc(2024, 1, 9));
  EXPECT_EQ(Text("prices/busy"), "7 9 10");
}

TEST_F(FreshnessTest, ALateRowIsShownByTheWindowsOfLaterSessionsToo) {
  ImportMetric("rolling", "rolling_3_sessions of all");
  ImportMetric("month", "month_to_date");
  ImportMetric("before", "previous of all");
  StoreMinutes("SPY", Utc(2024, 1, 2), 20 * 24 * 60);
  const BackfillRequest request{.metrics = {"rolling", "month", "before"}, .dates = kJanuary};
  Compute(request, {Utc(2024, 1, 21)});
  EXPECT_EQ(Text("prices/rolling"), "1");
  StoreLate(Utc(2024, 1, 9, 12) + absl::Seconds(1));
  EXPECT_EQ(Text("prices/rolling"), "7 9 12");
  EXPECT_EQ(Text("prices/month"), "7 9 32");
  EXPECT_EQ(Text("prices/before"), "7 10 11");
  Compute({.metrics = {"rolling"}, .dates = Dates(kJanuary.start + 8, kJanuary.start + 10)});
  EXPECT_EQ(Text("prices/rolling"), "7 11 12");
  Compute(request);
  EXPECT_EQ(Text("prices/month"), "1");
}

TEST_F(FreshnessTest, ALateRowOutsideOfWhatTheWindowShowsChangesNothing) {
  ImportMetric("morning", "09:30-10:00");
  ImportMetric("first", "first_30m of all");
  ImportMetric("rolling", "rolling_2d of 09:30-10:00");
  StoreDays(20);
  Compute({.metrics = {"morning", "first", "rolling", "last_close"}, .dates = kJanuary},
          {Utc(2024, 1, 21)});
  StoreLate(Utc(2024, 1, 9, 20) + absl::Seconds(1));
  EXPECT_EQ(Text("prices/morning"), "1");
  EXPECT_EQ(Text("prices/first"), "1");
  EXPECT_EQ(Text("prices/rolling"), "1");
  EXPECT_EQ(Text("prices/last_close"), "7 9 10");
  // The end of a window is outside of it.
  StoreLate(Utc(2024, 1, 9, 10));
  EXPECT_EQ(Text("prices/morning"), "1");
  StoreLate(Utc(2024, 1, 9, 9, 59) + absl::Seconds(59));
  EXPECT_EQ(Text("prices/morning"), "7 9 10");
  EXPECT_EQ(Text("prices/first"), "1");
  EXPECT_EQ(Text("prices/rolling"), "7 9 11");
}

TEST_F(FreshnessTest, ALateBatchCountsFromItsFirstRowToItsLast) {
  ImportMetric("morning", "09:30-10:00");
  StoreDays(20);
  const BackfillRequest request{.metrics = {"morning"}, .dates = kJanuary};
  Compute(request, {Utc(2024, 1, 21)});
  const absl::Duration second = absl::Seconds(1);
  ASSERT_OK(Store(Bars(
      "night", {{"SPY", Utc(2024, 1, 9, 20) + second}, {"SPY", Utc(2024, 1, 10, 8) + second}})));
  EXPECT_EQ(Text("prices/morning"), "1");
  // Which of them it shows is not known: some row may lie in any window between.
  ASSERT_OK(Store(Bars(
      "several", {{"SPY", Utc(2024, 1, 11, 20) + second}, {"SPY", Utc(2024, 1, 14, 8) + second}})));
  EXPECT_EQ(Text("prices/morning"), "7 12 14");
  // Batches before and after a window, accepted on one day, do not show in it together.
  ASSERT_OK(Store(Bars("early", {{"SPY", Utc(2024, 1, 16, 8) + second}})));
  ASSERT_OK(Store(Bars("late", {{"SPY", Utc(2024, 1, 16, 20) + second}})));
  EXPECT_EQ(Text("prices/morning"), "7 12 14");
  ASSERT_OK(Store(Bars(
      "both", {{"SPY", Utc(2024, 1, 16, 9) + second}, {"SPY", Utc(2024, 1, 16, 9, 30) + second}})));
  EXPECT_EQ(Text("prices/morning"), "7 12 14, 16 17");
}

TEST_F(FreshnessTest, AMarkIsMetByALaterBackfillOfItsDates) {
  StoreMinutes("SPY", Utc(2024, 1, 2), 3 * 24 * 60);
  Compute({.metrics = {"last_close"}, .dates = kJanuary}, {Utc(2024, 1, 4)});
  Execute(absl::StrCat(
      "INSERT INTO dirty_ranges (project_id, metric_id, version, grain, start_date, end_date, "
      "cause, detail) SELECT ",
      project_,
      ", 'prices/last_close', 1, grain, first::date, first::date + 1, 'calendar', "
      "'24_7 version 2' FROM (VALUES (2, '2024-01-03'), (2, '2024-01-10'), (3, '2024-01-01')) "
      "AS m (grain, first)"));
  // Dates without rows count as well: their points may have to go.
  EXPECT_EQ(Text("prices/last_close"), "8 3 4, 10 11");
  const MetricFreshness freshness = ReadOne("prices/last_close");
  EXPECT_THAT(freshness.reason, HasSubstr("24_7 version 2"));
  EXPECT_THAT(freshness.reason, HasSubstr("--from 2024-01-03 --to 2024-01-10"));
  EXPECT_EQ(Text("prices/hourly_volume"), "2 2 5");
  Compute({.metrics = {"last_close"}, .dates = Dates(kJanuary.start, kJanuary.start + 5)});
  EXPECT_EQ(Text("prices/last_close"), "8 10 11");
  Compute({.metrics = {"last_close"}, .dates = kJanuary});
  EXPECT_EQ(Text("prices/last_close"), "1");
}

TEST_F(FreshnessTest, AMarkOfDatesWithoutRowsStaysMetHoweverManyJobsFollow) {
  StoreMinutes("SPY", Utc(2024, 1, 2), 3 * 24 * 60);
  Compute({.metrics = {"last_close"}, .dates = kJanuary}, {Utc(2024, 1, 4)});
  Execute(absl::StrCat(
      "INSERT INTO dirty_ranges (project_id, metric_id, version, grain, start_date, end_date, "
      "cause, detail) VALUES (",
      project_, ", 'prices/last_close', 1, 2, '2024-01-10', '2024-01-11', 'calendar', 'why')"));
  Compute({.metrics = {"last_close"}, .dates = kJanuary}, {Utc(2024, 1, 4)});
  for (int night = 0; night < 4; ++night) {
    StoreLate(Utc(2024, 1, 4, 12, night));
    Compute({.metrics = {"last_close"}, .dates = Dates(kJanuary.start + 1, kJanuary.start + 5)},
            {Utc(2024, 1, 4)});
  }
  EXPECT_EQ(Text("prices/last_close"), "1");
}

TEST_F(FreshnessTest, AMarkOfDatesWithoutAnyRowsNearIsMetByABackfillThatReadsNothing) {
  ImportMetric("session", "all");
  StoreMinutes("SPY", Utc(2024, 1, 2), 3 * 24 * 60);
  Compute({.metrics = {"session"},
           .dates = Dates(absl::CivilDay(2023, 10, 1), absl::CivilDay(2024, 4, 1))},
          {Utc(2024, 1, 4)});
  ASSERT_OK(CloseOn("2023-10-10"));
  EXPECT_EQ(ReadOne("prices/session").state, FreshnessState::kCalendarChanged);
  const DateRanges stale = ReadOne("prices/session").stale_dates;
  EXPECT_THAT(stale,
              ElementsAre(Dates(absl::CivilDay(2023, 10, 10), absl::CivilDay(2023, 10, 11))));
  const auto job = CreateBackfill({"session"}, stale[0]);
  ASSERT_OK(job);
  EXPECT_EQ(job->backfill.state, BackfillState::kSucceeded);
  EXPECT_EQ(Text("prices/session"), "1");
}

TEST_F(FreshnessTest, WhatWindowsShowBehindTheNewestRowNeedNotBeComputed) {
  ImportMetric("rolling", "rolling_3_sessions of all");
  ImportMetric("month", "month_to_date");
  ImportMetric("before", "previous of all");
  StoreMinutes("SPY", Utc(2024, 1, 2), 3 * 24 * 60);
  EXPECT_EQ(Text("prices/rolling"), "2 2 5");
  EXPECT_EQ(Text("prices/month"), "2 2 5");
  EXPECT_EQ(Text("prices/before"), "2 3 5");
  const DateRange days = Dates(kJanuary.start + 1, kJanuary.start + 4);
  const std::vector<std::string> metrics = {"rolling", "month", "before"};
  Compute({.metrics = metrics, .dates = days}, {Utc(2024, 1, 4)});
  EXPECT_EQ(Text("prices/rolling"), "1");
  EXPECT_EQ(Text("prices/month"), "1");
  EXPECT_EQ(Text("prices/before"), "1");
  // The next day's rows are newer, up to their own bucket.
  StoreLate(Utc(2024, 1, 5, 12));
  EXPECT_EQ(Text("prices/rolling"), "3 5 6");
  EXPECT_EQ(Text("prices/month"), "3 5 6");
  EXPECT_EQ(Text("prices/before"), "3 5 6");
}

TEST_F(FreshnessTest, LaterDatesThatWereComputedFollowTheRows) {
  ImportMetric("rolling", "rolling_3_sessions of all");
  StoreMinutes("SPY", Utc(2024, 1, 2), 3 * 24 * 60);
  Compute({.metrics = {"rolling"}, .dates = Dates(kJanuary.start + 1, kJanuary.start + 5)},
          {Utc(2024, 1, 5)});
  EXPECT_EQ(Text("prices/rolling"), "1");
  StoreLate(Utc(2024, 1, 4, 12) + absl::Seconds(1));
  EXPECT_EQ(Text("prices/rolling"), "7 4 6");
}

TEST_F(FreshnessTest, OnlyAFinishedBackfillThatBeganAfterTheRowsCleans) {
  StoreMinutes("SPY", Utc(2024, 1, 2), 10);
  const BackfillRequest request{.metrics = {"last_close"}, .dates = kJanuary};
  const auto first = backfills_.Create(project_, request, {});
  ASSERT_OK(first);
  EXPECT_EQ(Text("prices/last_close"), "2 2 3");  // it runs
  StoreLate(Utc(2024, 1, 2, 12));
  CommitAll({Utc(2024, 1, 2)});
  EXPECT_EQ(Text("prices/last_close"), "7 2 3");
  ASSERT_OK(backfills_.Create(project_, request, {}));
  EXPECT_EQ(Text("prices/last_close"), "7 2 3");
  const auto shards = LeaseAll();
  ASSERT_EQ(shards.size(), 1u);
  ASSERT_OK(backfills_.Release({shards[0].shard_id, shards[0].fence}, "broken", true, {}));
  EXPECT_EQ(Text("prices/last_close"), "7 2 3");  // it failed
  Compute(request);
  EXPECT_EQ(Text("prices/last_close"), "1");
}

TEST_F(FreshnessTest, RowsThatWereAcceptedWhileABackfillWasPlannedAreNotMissed) {
  StoreMinutes("SPY", Utc(2024, 1, 2), 10);
  const BackfillRequest request{.metrics = {"last_close"}, .dates = kJanuary};
  const auto plan = planner_.Plan(project_, request, {});
  ASSERT_OK(plan);
  StoreLate(Utc(2024, 1, 2, 12));
  ASSERT_OK(backfills_.Create(project_, request, {}));
  CommitAll({Utc(2024, 1, 2)});
  EXPECT_EQ(Text("prices/last_close"), "1");
  // A job's snapshot is that of its plan, not that of its creation.
  const std::string visible = absl::StrCat(
      "SELECT count(*) FROM ingest_batches WHERE pg_visible_in_snapshot(created_xid, '",
      plan->snapshot, "'::pg_snapshot)");
  EXPECT_EQ(Number(visible), 1);
  Execute(absl::StrCat("UPDATE backfills SET created_snapshot = '", plan->snapshot, "'"));
  EXPECT_EQ(Text("prices/last_close"), "7 2 3");
}

TEST_F(FreshnessTest, RowsThatWereBeingAcceptedWhenABackfillBeganAreNotSeen) {
  StoreMinutes("SPY", Utc(2024, 1, 2), 10);
  const BackfillRequest request{.metrics = {"last_close"}, .dates = kJanuary};
  const auto accept_around_a_job = [&](pg::Transaction& transaction) -> absl::Status {
    const auto stored = transaction.ExecuteDynamic(
        "test", absl::StrCat("INSERT INTO ingest_batches VALUES (", project_,
                             ", 'fact_bars', 'open', '', 1, 0, 0, 0, now(), "
                             "'2024-01-02 12:00Z', '2024-01-02 12:00Z')"));
    if (!stored.ok()) return stored.status();
    return backfills_.Create(project_, request, {}).status();
  };
  ASSERT_OK(pool_.Run({}, pg::TransactionMode::kReadWrite, accept_around_a_job));
  CommitAll({Utc(2024, 1, 2)});
  EXPECT_EQ(Text("prices/last_close"), "7 2 3");
  Compute(request);
  EXPECT_EQ(Text("prices/last_close"), "1");
}

TEST_F(FreshnessTest, BatchesOfBeforeTheirTimesWereKeptCountForAllDates) {
  StoreMinutes("SPY", Utc(2024, 1, 2), 3 * 24 * 60);
  Compute({.metrics = {"last_close"}, .dates = kJanuary}, {Utc(2024, 1, 4)});
  Execute("UPDATE ingest_batches SET first_row_at = NULL, last_row_at = NULL, created_xid = NULL");
  EXPECT_EQ(Text("prices/last_close"), "1");
  Execute("UPDATE ingest_batches SET created_at = now() + interval '1 minute'");
  EXPECT_EQ(Text("prices/last_close"), "7 2 5");
}

TEST_F(FreshnessTest, TransactionsOfAnotherClusterAreToldByTheirTimes) {
  StoreMinutes("SPY", Utc(2024, 1, 2), 10);
  Compute({.metrics = {"last_close"}, .dates = kJanuary}, {Utc(2024, 1, 2)});
  Execute("UPDATE ingest_batches SET created_xid = '1000000000000'");
  EXPECT_EQ(Text("prices/last_close"), "7 2 3");
  Execute("UPDATE ingest_batches SET created_at = created_at - interval '25 hours'");
  EXPECT_EQ(Text("prices/last_close"), "1");
  // Rows of the new cluster's low transactions come after a job of the old one.
  Execute("UPDATE ingest_batches SET created_xid = '3', created_at = now() + interval '1 minute'");
  EXPECT_EQ(Text("prices/last_close"), "7 2 3");
}

// As an earlier release stored jobs.
constexpr char kAsBefore[] =
    "UPDATE backfills SET requested_dates = NULL, metrics_sha256 = NULL, created_snapshot = NULL";

TEST_F(FreshnessTest, EachGrainIsCoveredAsFarAsItWasAskedFor) {
  StoreMinutes("SPY", Utc(2024, 1, 2), 3 * 24 * 60);
  const BackfillRequest request{.metrics = {"last_close", "yearly_low"},
                                .dates = Dates(kJanuary.start + 2, kJanuary.start + 3)};
  Compute(request, {Utc(2024, 1, 3)});
  EXPECT_EQ(ReadOne("prices/yearly_low").state, FreshnessState::kFresh);
  EXPECT_EQ(Text("prices/last_close"), "7 2 3, 4 5");
  // What earlier releases kept does not tell the dates of the finer grain.
  Execute(kAsBefore);
  EXPECT_EQ(Text("prices/last_close"), "2 2 5");
  Compute({.metrics = {"last_close"}, .dates = kJanuary}, {Utc(2024, 1, 3)});
  Execute(kAsBefore);
  EXPECT_EQ(Text("prices/last_close"), "1");
}

TEST_F(FreshnessTest, TheNewestJobOfEachDateCountsHoweverManyThereAre) {
  StoreMinutes("SPY", Utc(2024, 1, 1), 20 * 24 * 60);
  Compute({.metrics = {"last_close"}, .dates = kJanuary}, {Utc(2024, 1, 20)});
  for (int day = 0; day < 19; ++day) {
    StoreLate(Utc(2024, 1, 1) + absl::Hours(24) * day + absl::Seconds(1));
    Compute({.metrics = {"last_close"},
             .dates = Dates(kJanuary.start + day, kJanuary.start + day + 1)});
  }
  EXPECT_EQ(Text("prices/last_close"), "1");
  StoreLate(Utc(2024, 1, 5, 7) + absl::Seconds(1));
  StoreLate(Utc(2024, 1, 20, 7) + absl::Seconds(1));
  EXPECT_EQ(Text("prices/last_close"), "7 5 6, 20 21");
}

TEST_F(FreshnessTest, AVersionThatWaitsIsMentioned) {
  StoreMinutes("SPY", Utc(2024, 1, 2), 10);
  Compute({.metrics = {"last_close"}, .dates = kJanuary}, {Utc(2024, 1, 2)});
  ASSERT_OK(Import(
      "{name: last_close, category: prices, description: Last price., type: derived, unit: USD, "
      "grain: day, table: fact_bars, expression: last(close) + 0}"));
  MetricFreshness freshness = ReadOne("prices/last_close");
  EXPECT_EQ(freshness.state, FreshnessState::kFresh);
  EXPECT_EQ(freshness.latest_version, 2);
  EXPECT_THAT(freshness.reason, HasSubstr("version 2 has no points: metricctl backfill --metrics "
                                          "prices/last_close --latest"));
  Compute({.metrics = {"last_close"}, .dates = kJanuary, .latest_versions = true},
          {Utc(2024, 1, 2)});
  freshness = ReadOne("prices/last_close");
  EXPECT_THAT(freshness.reason, HasSubstr("version 2 waits to be promoted"));
}

TEST_F(FreshnessTest, MetricsThatReadOthersNameTheStaleOne) {
  ASSERT_OK(
      Import("- {name: doubled, category: prices, description: Twice., type: derived, grain: day, "
             "expression: \"metric('prices/last_close') * 2\"}\n"));
  StoreMinutes("SPY", Utc(2024, 1, 2), 10);
  EXPECT_EQ(Text("prices/doubled"), "2 2 3");
  Compute({.metrics = {"doubled"}, .dates = kJanuary}, {Utc(2024, 1, 2)});
  MetricFreshness freshness = ReadOne("prices/doubled");
  EXPECT_EQ(freshness.state, FreshnessState::kUpstreamStale);
  EXPECT_THAT(freshness.reason, HasSubstr("prices/last_close, which it reads, is stale"));
  Compute({.metrics = {"last_close"}, .dates = kJanuary}, {Utc(2024, 1, 2)});
  EXPECT_EQ(Text("prices/doubled"), "1");
  StoreLate(Utc(2024, 1, 2, 12));
  EXPECT_EQ(Text("prices/doubled"), "7 2 3");
}

TEST_F(FreshnessTest, ALateRowIsOneForAllThatReadItsMetricByAnyOffset) {
  ASSERT_OK(Import(
      "- {name: change, category: prices, description: Month over month., type: derived, "
      "grain: month, expression: \"metric('prices/last_close') / metric('prices/last_close', "
      "offset => '1 month')\"}\n"
      "- {name: late, category: prices, description: Of a week ago., type: derived, "
      "grain: day, expression: \"metric('prices/last_close', offset => '7 days')\"}\n"
      "- {name: later, category: prices, description: Of two weeks ago., type: derived, "
      "grain: day, expression: \"metric('prices/late', offset => '1 week')\"}\n"
      "- {name: spread, category: prices, description: Bars for a tick., type: ratio, "
      "grain: day, table: fact_bars, window: 09:30-10:00, "
      "expression: sum(volume) / metric('prices/rolling')}\n"
      "- {name: rolling, category: prices, description: Of three days., type: sum, "
      "grain: day, table: fact_bars, window: rolling_3d of 12:00-13:00, "
      "expression: sum(volume)}\n"));
  StoreDays(100);
  const DateRange half = Dates(kJanuary.start, absl::CivilDay(2024, 7, 1));
  const std::vector<std::string> metrics = {"change", "late",    "later",
                                            "spread", "rolling", "last_close"};
  Compute({.metrics = metrics, .dates = half}, {Utc(2024, 4, 1), Utc(2024, 4, 10)});
  for (const std::string& metric : metrics) EXPECT_EQ(Text("prices/" + metric), "1") << metric;
  StoreLate(Utc(2024, 3, 9, 9, 45));
  // Days of January: March 1 is 61, April 1 is 92, May 1 is 122; March 9 is 69.
  EXPECT_EQ(Text("prices/change"), "7 61 122");
  EXPECT_EQ(Text("prices/late"), "7 76 77");
  EXPECT_EQ(Text("prices/later"), "7 83 84");
  EXPECT_EQ(Text("prices/spread"), "7 69 70");
  EXPECT_EQ(ReadOne("prices/rolling").state, FreshnessState::kFresh);
  Compute({.metrics = metrics, .dates = half}, {Utc(2024, 4, 1), Utc(2024, 4, 10)});
  StoreLate(Utc(2024, 3, 9, 12, 30));
  EXPECT_EQ(Text("prices/spread"), "7 69 72");
}

TEST_F(FreshnessTest, AnswersInTheOrderAsked) {
  StoreMinutes("SPY", Utc(2024, 1, 2), 10);
  const std::vector<MetricFreshness> freshness = Read({"prices/*", "ticks/*"});
  std::vector<std::string> ids;
  for (const MetricFreshness& metric : freshness) ids.push_back(metric.metric);
  EXPECT_THAT(
      ids, ::testing::ElementsAre("prices/hourly_volume", "prices/last_close", "prices/weekly_high",
                                  "prices/yearly_low", "ticks/tick_count"));
  EXPECT_EQ(freshness.back().state, FreshnessState::kNoRows);
}

}  // namespace
}  // namespace metricstore::registry
