// A calendar that changes marks the stored results whose buckets it cuts in another way.

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/time/grain.h"
#include "gmock/gmock.h"
#include "registry_service/catalog/effects/effect_statements.h"
#include "tests/integration/catalog/effects_fixture.h"
#include "tests/testing/matchers.h"

namespace metricstore::registry {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// More of a job.
const char kOpeningByTheHour[] = R"(, {"id": "price/opening", "version": 1, "grain": "hour"})";

class CalendarEffectsTest : public EffectsTest {};

TEST_F(CalendarEffectsTest, EveryStatementCanBePrepared) {
  for (const pg::Statement* statement : kEffectStatements) {
    SCOPED_TRACE(std::string(statement->name));
    EXPECT_OK(Execute(
        absl::StrCat("PREPARE checked AS ", std::string(statement->sql), "; DEALLOCATE checked")));
  }
}

TEST_F(CalendarEffectsTest, AHolidayMarksItsDateAndTheCoarserBucketsAroundIt) {
  Store("price/opening", Grain::kDay);
  Store("price/opening", Grain::kDay, "BOLT");
  Store("price/opening", Grain::kMonth);
  const auto done = Import({WithHoliday("2024-01-16")});
  ASSERT_OK(done);
  EXPECT_THAT(Marks(), ElementsAre("price/opening v1 day 2024-01-16..2024-01-17",
                                   "price/opening v1 month 2024-01-01..2024-02-01"));
  EXPECT_THAT(StaleLines(done->outcomes[0].stale),
              ElementsAre("price/opening v1 day 2/2 2024-01-16..2024-01-17 2024-01-16T05:00:00Z "
                          "2024-01-16T05:00:00Z",
                          "price/opening v1 month 1/1 2024-01-01..2024-02-01 2024-01-01T05:00:00Z "
                          "2024-01-01T05:00:00Z"));
  EXPECT_EQ(Ask("SELECT string_agg(DISTINCT detail, ';') FROM dirty_ranges"), "XNYS version 2");
  EXPECT_EQ(Ask("SELECT count(*) FROM dirty_ranges WHERE created_xid IS NOT NULL"), "2");
}

TEST_F(CalendarEffectsTest, ARollingWindowIsTouchedAsFarAsItReaches) {
  ASSERT_OK(Import({MetricOf("rolling", "rolling_3_sessions of rth")}));
  Store("price/rolling", Grain::kDay);
  ASSERT_OK(Import({WithHoliday("2024-01-16")}));
  // The date itself, and the two sessions after it, which see another one in its place.
  EXPECT_THAT(Marks(), ElementsAre("price/rolling v1 day 2024-01-16..2024-01-19"));
}

TEST_F(CalendarEffectsTest, WhatABucketShowsDecidesNotTheCalendarsText) {
  ASSERT_OK(Import({MetricOf("whole", "full_day"), MetricOf("first", "first_30m")}));
  Store("price/whole", Grain::kDay);
  Store("price/first", Grain::kDay);
  Store("price/opening", Grain::kDay);
  // An early close leaves whole days and the first half hour as they are.
  ASSERT_OK(Import({Edited(CalendarFile(), "holidays:\n",
                           "special_hours:\n  - {name: Half day, on: {date: 2024-02-20}, "
                           "early_close: \"13:00\"}\nholidays:\n")}));
  EXPECT_THAT(Marks(), ElementsAre("price/opening v1 day 2024-02-20..2024-02-21"));
}

TEST_F(CalendarEffectsTest, BarsThatAreCountedFromTheOpenMoveWithIt) {
  const std::string bars = "timeframe: 15m\n";
  ASSERT_OK(Import({MetricOf("rows", "last_30m"), MetricOf("clock", "last_30m", bars),
                    MetricOf("open", "last_30m", bars + "timeframe_alignment: session\n")}));
  for (const char* metric : {"price/rows", "price/clock", "price/open"}) Store(metric, Grain::kDay);
  // Opens at 09:40: the last half hour is as before, its quarters are not.
  const auto done = Import({Edited(CalendarFile(), "holidays:\n",
                                   "special_hours:\n  - {name: Late, on: {date: 2024-02-20}, "
                                   "late_open: \"09:40\"}\nholidays:\n")});
  ASSERT_OK(done);
  EXPECT_THAT(Marks(), ElementsAre("price/open v1 day 2024-02-20..2024-02-21"));
}

TEST_F(CalendarEffectsTest, BarsThatAreCountedByTheClockMoveWithTheZone) {
  ASSERT_OK(Import(
      {MetricOf("hours", "rth", "timeframe: 1h\n"), MetricOf("pairs", "rth", "timeframe: 2h\n")}));
  Store("price/hours", Grain::kDay);
  Store("price/pairs", Grain::kDay);
  Store("price/opening", Grain::kDay);
  DefinitionFile chicago = Edited(CalendarFile(), "America/New_York", "America/Chicago");
  chicago =
      Edited(chicago, "open: \"09:30\", close: \"16:00\"", "open: \"08:30\", close: \"15:00\"");
  ASSERT_OK(Import({chicago}));
  // The same instants; hours end where they did, pairs of hours an hour later.
  const std::vector<std::string> marks = Marks();
  ASSERT_THAT(marks, SizeIs(13));  // weeks, and one holiday less than there are
  EXPECT_EQ(marks.front(), "price/pairs v1 day 2024-01-02..2024-01-06");
  EXPECT_EQ(marks.back(), "price/pairs v1 day 2024-03-25..2024-03-30");
}

TEST_F(CalendarEffectsTest, WordsAndOtherDatesMarkNothing) {
  Store("price/opening", Grain::kDay);
  auto done = Import({Edited(CalendarFile(), "New York Stock Exchange.", "NYSE.")});
  EXPECT_THAT(Lines(done), ElementsAre("calendar XNYS changed 2"));
  EXPECT_THAT(done->outcomes[0].stale, IsEmpty());
  // Before the oldest point, and after the newest one.
  ASSERT_OK(Import({WithHoliday("2023-12-29")}));
  ASSERT_OK(Import({WithHoliday("2024-04-01")}));
  ASSERT_OK(Import({Edited(CalendarFile(), "last_date: 2024-12-31", "last_date: 2025-12-31")}));
  EXPECT_THAT(Marks(), IsEmpty());
}

TEST_F(CalendarEffectsTest, WithoutPointsOrJobsNothingIsMarked) {
  AddJob("failed", "2024-01-01", "2024-04-01");
  AddJob("cancelled", "2024-01-02", "2024-04-01");
  const auto done = Import({WithHoliday("2024-01-16")});
  ASSERT_OK(done);
  EXPECT_THAT(done->outcomes[0].stale, IsEmpty());
  EXPECT_THAT(Marks(), IsEmpty());
}

TEST_F(CalendarEffectsTest, AHolidayThatGoesIsMarkedWhereNoPointIsYet) {
  // The day after the newest point, computed while it was closed; and one that nobody asked for.
  ASSERT_OK(Import({Edited(CalendarFile(), "holidays:\n",
                           "holidays:\n  - {name: One, on: {date: 2024-04-01}}\n"
                           "  - {name: Two, on: {date: 2024-04-02}}\n")}));
  Store("price/opening", Grain::kDay);
  AddJob("succeeded", "2024-03-28", "2024-04-02");
  const auto done = Import({CalendarFile()});
  ASSERT_OK(done);
  EXPECT_THAT(Marks(), ElementsAre("price/opening v1 day 2024-04-01..2024-04-02"));
  EXPECT_THAT(StaleLines(done->outcomes[0].stale),
              ElementsAre("price/opening v1 day 0/0 2024-04-01..2024-04-02"));
}

TEST_F(CalendarEffectsTest, WhatASucceededBackfillComputedIsMarkedWithoutPoints) {
  AddJob("succeeded", "2024-01-01", "2024-02-01");
  AddJob("succeeded", "2024-02-15", "2024-03-01");
  const auto done = Import({Edited(CalendarFile(), "holidays:\n",
                                   "holidays:\n  - {name: One, on: {date: 2024-01-16}}\n"
                                   "  - {name: Between, on: {date: 2024-02-08}}\n"
                                   "  - {name: Two, on: {date: 2024-02-20}}\n")});
  ASSERT_OK(done);
  EXPECT_THAT(Marks(), ElementsAre("price/opening v1 day 2024-01-16..2024-01-17",
                                   "price/opening v1 day 2024-02-20..2024-02-21"));
  EXPECT_THAT(StaleLines(done->outcomes[0].stale),
              ElementsAre("price/opening v1 day 0/0 2024-01-16..2024-01-17 "
                          "2024-02-20..2024-02-21"));
}

TEST_F(CalendarEffectsTest, JobsOfTheSameMetricsAreTakenByTheDatesAskedFor) {
  // The dates of the spec are those of its coarsest grain.
  for (const auto& [start, end] :
       {std::pair("2024-01-16", "2024-01-17"), std::pair("2024-02-20", "2024-02-21")}) {
    AddJob("succeeded", "2024-01-01", "2024-04-01", R"(, {"id": "price/opening", "version": 1,
           "grain": "month"})");
    ASSERT_OK(Execute(absl::StrCat("UPDATE backfills SET metrics_sha256 = sha256('same'), ",
                                   "requested_dates = '[", start, ",", end,
                                   ")' WHERE requested_dates IS NULL")));
  }
  ASSERT_OK(Import({Edited(CalendarFile(), "holidays:\n",
                           "holidays:\n  - {name: One, on: {date: 2024-01-16}}\n"
                           "  - {name: Between, on: {date: 2024-02-08}}\n"
                           "  - {name: Two, on: {date: 2024-02-20}}\n")}));
  EXPECT_THAT(Marks(), ElementsAre("price/opening v1 day 2024-01-16..2024-01-17",
                                   "price/opening v1 day 2024-02-20..2024-02-21",
                                   "price/opening v1 month 2024-01-01..2024-03-01"));
}

TEST_F(CalendarEffectsTest, OneRangeForEachStretchOfDates) {
  Store("price/opening", Grain::kDay);
  const auto done = Import({Edited(CalendarFile(), "holidays:\n",
                                   "holidays:\n  - {name: One, on: {date: 2024-01-16}}\n"
                                   "  - {name: Two, on: {date: 2024-01-17}}\n"
                                   "  - {name: Three, on: {date: 2024-02-01}}\n")});
  ASSERT_OK(done);
  EXPECT_THAT(Marks(), ElementsAre("price/opening v1 day 2024-01-16..2024-01-18",
                                   "price/opening v1 day 2024-02-01..2024-02-02"));
  ASSERT_THAT(done->outcomes[0].stale, SizeIs(1));
  EXPECT_EQ(done->outcomes[0].stale[0].points, 3);
}

TEST_F(CalendarEffectsTest, EveryVersionWithResultsIsMarkedByItsOwnWindow) {
  ASSERT_OK(
      ImportWith({Edited(OpeningFile(), "window: rth", "window: last_1h")}, {.promote = true}));
  Store("price/opening", Grain::kDay, "ACME", 1);
  Store("price/opening", Grain::kDay, "ACME", 2);
  // Opens later: the last hour stays.
  ASSERT_OK(Import({Edited(CalendarFile(), "holidays:\n",
                           "special_hours:\n  - {name: Late, on: {date: 2024-02-20}, "
                           "late_open: \"11:00\"}\nholidays:\n")}));
  EXPECT_THAT(Marks(), ElementsAre("price/opening v1 day 2024-02-20..2024-02-21"));
}

TEST_F(CalendarEffectsTest, PointsThatWereFoldedFollowThoseOfTheMetricsOwnGrain) {
  // A month computed from rows shows its last session only; one that is folded sums all days.
  const std::string window = "rolling_1_sessions of rth";
  ASSERT_OK(Import({MetricOf("folded", window, "rollup: sum\n"), MetricOf("plain", window)}));
  Store("price/folded", Grain::kMonth);
  Store("price/plain", Grain::kMonth);
  ASSERT_OK(Import({WithHoliday("2024-02-20")}));
  EXPECT_THAT(Marks(), ElementsAre("price/folded v1 month 2024-02-01..2024-03-01"));
}

TEST_F(CalendarEffectsTest, MetricsThatReadTouchedOnesAreTouchedLikewise) {
  ASSERT_OK(Import({{"metrics/price/double.yaml",
                     "name: double\ndescription: d\ntype: derived\ngrain: day\n"
                     "expression: \"metric('price/opening') * 2\"\n"},
                    {"metrics/price/four.yaml",
                     "name: four\ndescription: d\ntype: derived\ngrain: day\n"
                     "expression: \"metric('price/double') * 2\"\n"}}));
  Store("price/four", Grain::kDay);
  ASSERT_OK(Import({WithHoliday("2024-01-16")}));
  EXPECT_THAT(Marks(), ElementsAre("price/four v1 day 2024-01-16..2024-01-17"));
}

TEST_F(CalendarEffectsTest, WhatAnUnfinishedBackfillComputesIsMarkedToo) {
  AddJob("running", "2024-02-01", "2024-03-01");
  const auto done = Import({Edited(CalendarFile(), "holidays:\n",
                                   "holidays:\n  - {name: One, on: {date: 2024-01-16}}\n"
                                   "  - {name: Two, on: {date: 2024-02-20}}\n")});
  ASSERT_OK(done);
  // Its points come to be stored after the import, over the calendar of before.
  EXPECT_THAT(Marks(), ElementsAre("price/opening v1 day 2024-02-20..2024-02-21"));
  EXPECT_THAT(StaleLines(done->outcomes[0].stale),
              ElementsAre("price/opening v1 day 0/0 2024-02-20..2024-02-21"));
}

TEST_F(CalendarEffectsTest, ADatasetThatMovesToAnotherCalendarMarksWhatDiffers) {
  Store("price/opening", Grain::kDay);
  const DefinitionFile other = Edited(WithHoliday("2024-01-16"), "name: XNYS", "name: XNAS");
  const auto done = Import({other, Edited(BarsFile(), "calendar: XNYS", "calendar: XNAS")});
  ASSERT_OK(done);
  EXPECT_THAT(StaleLines(done->outcomes[0].stale), IsEmpty());
  EXPECT_EQ(done->outcomes[1].kind, "dataset");
  EXPECT_THAT(done->outcomes[1].stale, SizeIs(1));
  EXPECT_THAT(Marks(), ElementsAre("price/opening v1 day 2024-01-16..2024-01-17"));
  EXPECT_EQ(Ask("SELECT detail FROM dirty_ranges"), "XNAS version 1");
}

TEST_F(CalendarEffectsTest, APlanTellsTheSameAndMarksNothing) {
  Store("price/opening", Grain::kDay);
  const auto plan = planner_.Plan(project_, std::vector{WithHoliday("2024-01-16")}, false, {});
  ASSERT_OK(plan);
  const std::vector<std::string> wanted = {
      "price/opening v1 day 1/1 2024-01-16..2024-01-17 2024-01-16T05:00:00Z "
      "2024-01-16T05:00:00Z"};
  EXPECT_EQ(StaleLines(plan->changes[0].outcome.stale), wanted);
  EXPECT_EQ(StaleLines(plan->stale), wanted);
  EXPECT_EQ(plan->recompute_points, 1);
  EXPECT_THAT(Marks(), IsEmpty());
  ASSERT_OK(Import({WithHoliday("2024-01-16")}, /*validate_only=*/true));
  EXPECT_THAT(Marks(), IsEmpty());
}

TEST_F(CalendarEffectsTest, AMarkThatANewOneCoversGoes) {
  Store("price/opening", Grain::kDay);
  Store("price/opening", Grain::kMonth);
  ASSERT_OK(Import({WithHoliday("2024-01-16")}));
  ASSERT_OK(Import({CalendarFile()}));
  EXPECT_THAT(Marks(), ElementsAre("price/opening v1 day 2024-01-16..2024-01-17",
                                   "price/opening v1 month 2024-01-01..2024-02-01"));
  EXPECT_EQ(Ask("SELECT string_agg(DISTINCT detail, ';') FROM dirty_ranges"), "XNYS version 3");
  ASSERT_OK(Import({WithHoliday("2024-02-20")}));
  EXPECT_THAT(Marks(), SizeIs(4));
}

TEST_F(CalendarEffectsTest, MarksOfHoursGoToTheDatesOfTheirInstants) {
  Store("price/opening", Grain::kHour);
  Store("price/opening", Grain::kDay);
  const DefinitionFile holiday = WithHoliday("2024-01-19");  // a Friday
  ASSERT_OK(Import({holiday}));
  EXPECT_THAT(Marks(), ElementsAre("price/opening v1 hour 2024-01-19..2024-01-20",
                                   "price/opening v1 day 2024-01-19..2024-01-20"));
  // No session of either comes to lie on Saturday: only the one that the holiday took away did.
  ASSERT_OK(Import({Edited(holiday, "America/New_York", "Asia/Tokyo")}));
  EXPECT_THAT(Marks(), Contains("price/opening v1 hour 2024-01-19..2024-01-21"));
  EXPECT_EQ(Ask("SELECT string_agg(grain || ' ' || start_date || '..' || end_date, ';' "
                "ORDER BY grain) FROM dirty_ranges WHERE detail = 'XNYS version 2'"),
            "1 2024-01-19..2024-01-21;2 2024-01-19..2024-01-20");
  EXPECT_EQ(Ask("SELECT count(DISTINCT created_xid) FROM dirty_ranges WHERE grain = 1"), "1");
  // And on.
  ASSERT_OK(Import({Edited(holiday, "America/New_York", "Europe/London")}));
  EXPECT_THAT(Marks(), Contains("price/opening v1 hour 2024-01-18..2024-01-21"));
}

TEST_F(CalendarEffectsTest, MarksOfHoursThatABackfillMetDoNotMove) {
  Store("price/opening", Grain::kHour);
  ASSERT_OK(Import({WithHoliday("2024-01-16")}));
  AddJob("succeeded", "2024-01-16", "2024-01-17", kOpeningByTheHour);
  ASSERT_OK(
      Execute("UPDATE backfills SET metrics_sha256 = sha256('same'), "
              "requested_dates = '[2024-01-16,2024-01-17)'"));
  ASSERT_OK(Import({Edited(WithHoliday("2024-01-16"), "sessions:\n",
                           "sessions:\n  - {name: evening, open: \"18:00-1d\", "
                           "close: \"20:00-1d\"}\n")}));
  EXPECT_THAT(Marks(), IsEmpty());
}

TEST_F(CalendarEffectsTest, HoursThatComeIntoComputedDatesAreMarked) {
  ASSERT_OK(Import({MetricOf("whole", "full_day"),
                    {"metrics/price/double.yaml",
                     "name: double\ndescription: d\ntype: derived\ngrain: hour\n"
                     "expression: \"metric('price/whole') * 2\"\n"}}));
  const std::string more =
      absl::StrCat(kOpeningByTheHour, R"(, {"id": "price/whole", "version": 1, "grain": "hour"})",
                   R"(, {"id": "price/double", "version": 1, "grain": "hour"})");
  AddJob("succeeded", "2024-01-16", "2024-01-20", more);
  AddJob("succeeded", "2024-03-01", "2024-04-01", more);
  const auto evening =
      Import({WithSession("{name: evening, open: \"18:00-1d\", close: \"20:00-1d\"}")});
  ASSERT_OK(evening);
  // The evenings before were computed by nobody. The opening does not show them.
  const std::vector<std::string> firsts = {
      "price/double v1 hour 2024-01-16..2024-01-17", "price/double v1 hour 2024-03-01..2024-03-02",
      "price/whole v1 hour 2024-01-16..2024-01-17", "price/whole v1 hour 2024-03-01..2024-03-02"};
  EXPECT_EQ(Marks(), firsts);
  EXPECT_THAT(StaleLines(evening->outcomes[0].stale),
              ElementsAre("price/double v1 hour 0/0 2024-01-16..2024-01-17 2024-03-01..2024-03-02",
                          "price/whole v1 hour 0/0 2024-01-16..2024-01-17 2024-03-01..2024-03-02"));
  // Back again: the evenings of the last dates. The marks of the first ones stay on both their
  // days.
  ASSERT_OK(Import({CalendarFile()}));
  EXPECT_THAT(Marks(), ElementsAre("price/double v1 hour 2024-01-15..2024-01-17",
                                   "price/double v1 hour 2024-01-19..2024-01-20",
                                   "price/double v1 hour 2024-02-29..2024-03-02",
                                   "price/double v1 hour 2024-03-31..2024-04-01",
                                   "price/whole v1 hour 2024-01-15..2024-01-17",
                                   "price/whole v1 hour 2024-01-19..2024-01-20",
                                   "price/whole v1 hour 2024-02-29..2024-03-02",
                                   "price/whole v1 hour 2024-03-31..2024-04-01"));
}

TEST_F(CalendarEffectsTest, ADatasetThatMovesLeavesTheSameGapsOfHours) {
  ASSERT_OK(Import({MetricOf("whole", "full_day")}));
  AddJob("succeeded", "2024-03-01", "2024-04-01",
         R"(, {"id": "price/whole", "version": 1, "grain": "hour"})");
  DefinitionFile other = Edited(CalendarFile(), "name: XNYS", "name: XNAS");
  other = Edited(other, "America/New_York", "America/Denver");
  ASSERT_OK(Import({other, Edited(BarsFile(), "calendar: XNYS", "calendar: XNAS")}));
  EXPECT_THAT(Marks(), Contains("price/whole v1 hour 2024-03-31..2024-04-01"));
}

TEST_F(CalendarEffectsTest, ReadersOfDatesThatTheCalendarForgetsAreMarked) {
  ASSERT_OK(Import({{"metrics/price/change.yaml",
                     "name: change\ndescription: d\ntype: derived\ngrain: day\n"
                     "expression: \"metric('price/opening') - "
                     "metric('price/opening', offset => '1 day')\"\n"}}));
  Store("price/change", Grain::kDay);
  ASSERT_OK(Import({Edited(CalendarFile(), "first_date: 2020-01-01", "first_date: 2024-01-10")}));
  // The tenth read the ninth.
  EXPECT_THAT(Marks(), ElementsAre("price/change v1 day 2024-01-02..2024-01-07",
                                   "price/change v1 day 2024-01-08..2024-01-11"));
}

TEST_F(CalendarEffectsTest, MarksThatABackfillMetGoWhenOthersAreMade) {
  Store("price/opening", Grain::kDay);
  std::string holidays = "holidays:\n";
  const auto close_too = [&](const std::string& date) {
    absl::StrAppend(&holidays, "  - {name: On ", date, ", on: {date: ", date, "}}\n");
    ASSERT_OK(Import({Edited(CalendarFile(), "holidays:\n", holidays)}));
  };
  const auto finish = [&](const std::string& dates, const std::string& more) {
    ASSERT_OK(Execute("DELETE FROM backfills"));
    AddJob("succeeded", "2024-01-16", "2024-01-17");
    ASSERT_OK(Execute(absl::StrCat("UPDATE backfills SET metrics_sha256 = sha256('same'), ",
                                   "requested_dates = '", dates, "'")));
    if (more.empty()) return;
    ASSERT_OK(Execute(absl::StrCat("UPDATE backfills SET ", more)));
  };
  close_too("2024-01-16");
  close_too("2024-02-20");
  // Some entities only; before the mark; another metric; not its date.
  finish("[2024-01-16,2024-01-17)", "metrics_sha256 = NULL");
  close_too("2024-03-19");
  finish("[2024-01-16,2024-01-17)", "created_snapshot = '1:1:'");
  close_too("2024-03-21");
  finish("[2024-01-16,2024-01-17)", "spec = jsonb_set(spec, '{metrics,0,version}', '2')");
  close_too("2024-03-25");
  finish("[2024-01-15,2024-01-16)", "");
  close_too("2024-03-27");
  EXPECT_THAT(Marks(), SizeIs(6));
  finish("[2024-01-01,2024-02-01)", "");
  close_too("2024-03-29");
  const std::vector<std::string> marks = Marks();
  ASSERT_THAT(marks, SizeIs(6));
  EXPECT_EQ(marks[0], "price/opening v1 day 2024-02-20..2024-02-21");
}

TEST_F(CalendarEffectsTest, ARepeatedRequestTellsWhatTheFirstOneMarked) {
  Store("price/opening", Grain::kDay);
  const WriteOptions options{.request_id = "one", .request_sha256 = "sha"};
  const auto first = ImportWith({WithHoliday("2024-01-16")}, options);
  const auto again = ImportWith({WithHoliday("2024-01-16")}, options);
  ASSERT_OK(again);
  EXPECT_THAT(StaleLines(first->outcomes[0].stale), SizeIs(1));
  EXPECT_EQ(StaleLines(again->outcomes[0].stale), StaleLines(first->outcomes[0].stale));
  EXPECT_THAT(Marks(), SizeIs(1));
}

}  // namespace
}  // namespace metricstore::registry
