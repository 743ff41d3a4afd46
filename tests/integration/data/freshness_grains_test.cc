// How new stored points are at each of their grains and for each entity, on a real database.
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/integration/data/freshness_fixture.h"

namespace metricstore::registry {
namespace {

using ::testing::HasSubstr;

TEST_F(FreshnessTest, EachStoredGrainIsJudgedByItself) {
  StoreDays(40);
  const DateRange quarter = Dates(kJanuary.start, absl::CivilDay(2024, 4, 1));
  Compute({.metrics = {"last_close"}, .dates = quarter, .grains = {Grain::kMonth}},
          {Utc(2024, 1, 1), Utc(2024, 2, 1)});
  EXPECT_EQ(ReadOne("prices/last_close").state, FreshnessState::kNeverComputed);
  EXPECT_EQ(Others("prices/last_close"), "");
  Compute({.metrics = {"last_close"}, .dates = quarter}, {Utc(2024, 2, 10)});
  EXPECT_EQ(Text("prices/last_close"), "1");
  // A late row is one for both.
  StoreLate(Utc(2024, 1, 9, 12));
  EXPECT_EQ(Text("prices/last_close"), "7 9 10");
  EXPECT_EQ(Others("prices/last_close"), "month 7 1 32");
  EXPECT_THAT(ReadOne("prices/last_close").other_grains[0].reason,
              HasSubstr("--grain month --from 2024-01-01 --to 2024-01-31"));
  Compute({.metrics = {"last_close"}, .dates = quarter});
  EXPECT_EQ(Text("prices/last_close"), "1");
  EXPECT_EQ(Others("prices/last_close"), "month 7 1 32");
  Compute({.metrics = {"last_close"}, .dates = kJanuary, .grains = {Grain::kMonth}},
          {Utc(2024, 1, 1)});
  EXPECT_EQ(Others("prices/last_close"), "");
  // Dates that were never computed have no points that could be stale.
  StoreLate(Utc(2024, 5, 9, 12));
  EXPECT_EQ(ReadOne("prices/last_close").state, FreshnessState::kNewerRows);
  EXPECT_EQ(Others("prices/last_close"), "");
}

TEST_F(FreshnessTest, MarksAtOtherGrainsAreMetByBackfillsAtThese) {
  StoreDays(20);
  Compute({.metrics = {"last_close"}, .dates = kJanuary, .grains = {Grain::kDay, Grain::kWeek}},
          {Utc(2024, 1, 1), Utc(2024, 1, 8), Utc(2024, 1, 21)});
  Execute(absl::StrCat(
      "INSERT INTO dirty_ranges (project_id, metric_id, version, grain, start_date, end_date, "
      "cause, detail) SELECT ",
      project_,
      ", 'prices/last_close', 1, grain, first::date, last::date, cause, 'why' FROM (VALUES "
      "(3, '2024-01-08', '2024-01-15', 'calendar'), (4, '2024-01-01', '2024-02-01', 'dataset')) "
      "AS m (grain, first, last, cause)"));
  EXPECT_EQ(Text("prices/last_close"), "1");
  // Of months nothing was computed by anyone, and marked all the same.
  EXPECT_EQ(Others("prices/last_close"), "week 8 8 15; month 9 1 32");
  EXPECT_THAT(ReadOne("prices/last_close").other_grains[1].reason,
              HasSubstr("the dataset changed"));
  Compute({.metrics = {"last_close"}, .dates = kJanuary});
  EXPECT_EQ(Others("prices/last_close"), "week 8 8 15; month 9 1 32");
  Compute({.metrics = {"last_close"}, .dates = kJanuary, .grains = {Grain::kWeek, Grain::kMonth}});
  for (int night = 0; night < 4; ++night) {
    Compute({.metrics = {"last_close"}, .dates = kJanuary});
    StoreLate(Utc(2024, 2, 9) + absl::Hours(night));
  }
  EXPECT_EQ(Others("prices/last_close"), "");
}

TEST_F(FreshnessTest, PointsOfSomeEntitiesAtAnotherGrainAreNotFresh) {
  StoreMinutes("SPY", Utc(2024, 1, 2), 3);
  StoreMinutes("QQQ", Utc(2024, 3, 2), 3);
  const DateRange quarter = Dates(kJanuary.start, absl::CivilDay(2024, 4, 1));
  Compute({.metrics = {"last_close"}, .dates = quarter}, {Utc(2024, 3, 2)});
  Compute({.metrics = {"last_close"},
           .entities = {"SPY"},
           .dates = kJanuary,
           .grains = {Grain::kMonth}},
          {Utc(2024, 1, 1)});
  EXPECT_EQ(Others("prices/last_close"), "month 2 1 32");
  Compute({.metrics = {"last_close"}, .dates = kJanuary, .grains = {Grain::kMonth}});
  EXPECT_EQ(Others("prices/last_close"), "");
}

TEST_F(FreshnessTest, PointsThatAreFoldedAreJudgedByTheirOwnWindow) {
  ASSERT_OK(
      Import("{name: morning, category: prices, description: Shares., type: sum, grain: day, "
             "table: fact_bars, window: 09:30-10:00, rollup: sum, expression: sum(volume)}"));
  StoreDays(20);
  Compute({.metrics = {"morning"}, .dates = kJanuary, .grains = {Grain::kMonth}},
          {Utc(2024, 1, 1)});
  Compute({.metrics = {"morning"}, .dates = kJanuary}, {Utc(2024, 1, 21)});
  StoreLate(Utc(2024, 1, 9, 12));
  EXPECT_EQ(Others("prices/morning"), "");
  StoreLate(Utc(2024, 1, 9, 9, 45));
  EXPECT_EQ(Others("prices/morning"), "month 7 1 32");
}

TEST_F(FreshnessTest, BackfillsOfSomeEntitiesDoNotMakeThePointsFresh) {
  StoreMinutes("SPY", Utc(2024, 3, 5), 10);
  StoreMinutes("QQQ", Utc(2024, 1, 2), 10);
  const DateRange quarter = Dates(absl::CivilDay(2024, 1, 1), absl::CivilDay(2024, 4, 1));
  Compute({.metrics = {"last_close"}, .entities = {"QQQ"}, .dates = kJanuary}, {Utc(2024, 1, 2)});
  EXPECT_EQ(ReadOne("prices/last_close").newest_bucket, Utc(2024, 1, 2));
  Compute({.metrics = {"last_close"}, .entities = {"SPY"}, .dates = quarter}, {Utc(2024, 3, 5)});
  MetricFreshness freshness = ReadOne("prices/last_close");
  EXPECT_EQ(freshness.newest_bucket, Utc(2024, 3, 5));
  EXPECT_EQ(freshness.state, FreshnessState::kNeverComputed);
  EXPECT_THAT(freshness.reason, HasSubstr("never computed for all entities"));
  Compute({.metrics = {"last_close"}, .dates = quarter}, {Utc(2024, 3, 5)});
  EXPECT_EQ(ReadOne("prices/last_close").state, FreshnessState::kFresh);
}

}  // namespace
}  // namespace metricstore::registry
