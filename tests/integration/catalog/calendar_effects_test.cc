// A calendar that changes marks the stored results whose buckets it cuts in another way.

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/time/grain.h"
#include "gmock/gmock.h"
#include "registry_service/catalog/effects/effect_statements.h"
#include "registry_service/catalog/plan/import_planner.h"
#include "tests/integration/catalog/catalog_fixture.h"
#include "tests/testing/matchers.h"

namespace metricstore::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// Tuesday 2 January to Friday 29 March 2024, but for weekends.
constexpr absl::CivilDay kFirst(2024, 1, 2);
constexpr absl::CivilDay kLast(2024, 3, 29);

DefinitionFile WithHoliday(const std::string& date) {
  return Edited(CalendarFile(), "holidays:\n",
                absl::StrCat("holidays:\n  - {name: A day of mourning, on: {date: ", date, "}}\n"));
}

DefinitionFile MetricOf(const std::string& name, const std::string& window,
                        const std::string& more = "") {
  return {absl::StrCat("metrics/price/", name, ".yaml"),
          absl::StrCat("name: ", name, "\ndescription: d\ntype: sum\ngrain: day\n",
                       "table: fact_bars\nexpression: sum(volume)\nwindow: ", window, "\n", more)};
}

class CalendarEffectsTest : public CatalogTest {
 protected:
  void SetUp() override { ASSERT_OK(Import(BaseFiles())); }

  // Pretends that a backfill stored a point for every bucket of these dates.
  void Store(const std::string& id, Grain grain, const std::string& entity = "ACME",
             int version = 1) {
    const auto calendar = calendars_.Get(project_, "XNYS", 1, {});
    ASSERT_OK(calendar);
    const DateRange dates = calendar::AlignToGrain(**calendar, grain, {kFirst, kLast + 1});
    const auto buckets = calendar::ResolveBuckets(**calendar, calendar::Window(), grain, dates);
    ASSERT_OK(buckets);
    std::vector<std::string> starts;
    for (const auto& span : buckets->spans) {
      const absl::CivilDay date = (*calendar)->DateAt(span.start);
      const bool open = !(*calendar)->SessionsOn(date).empty();
      if (grain != Grain::kDay || open) {
        starts.push_back(absl::StrCat("'", FormatInstant(span.start), "'"));
      }
    }
    ASSERT_OK(Execute(absl::StrCat(
        "WITH s AS (INSERT INTO metric_series (project_id, metric_id, version, grain, entity) "
        "VALUES (1, '",
        id, "', ", version, ", ", static_cast<int>(grain), ", '", entity,
        "') RETURNING series_id) "
        "INSERT INTO metric_chunk (project_id, series_id, span_start, bucket_starts, \"values\") "
        "SELECT 1, series_id, '2024-01-01', ARRAY[",
        absl::StrJoin(starts, ","), "]::timestamptz[], array_fill(1::float8, ARRAY[", starts.size(),
        "]) FROM s")));
  }

  // Pretends that price/opening is computed by the day, and what `more` says.
  void AddJob(const std::string& state, const std::string& start, const std::string& end,
              const std::string& more = "") {
    ASSERT_OK(Execute(absl::StrCat(
        "INSERT INTO backfills (project_id, request_sha256, spec, state, shards_total) VALUES (1, "
        "sha256('",
        state, start, "'), '{\"metrics\": [{\"id\": \"price/opening\", \"version\": 1, ",
        "\"grain\": \"day\"}", more, "], \"entities\": [], \"dates\": [\"", start, "\", \"", end,
        "\"]}', '", state, "', 1)")));
  }

  // "price/opening v1 day 2024-01-15..2024-01-16".
  std::vector<std::string> Marks() {
    const std::string marks =
        Ask("SELECT string_agg(metric_id || ' v' || version || ' ' || "
            "(ARRAY['hour','day','week','month','quarter','year'])[grain] || ' ' || start_date || "
            "'..' || end_date, ';' ORDER BY metric_id, version, grain, start_date) "
            "FROM dirty_ranges WHERE cause = 'calendar'");
    std::vector<std::string> lines;
    for (size_t start = 0; start < marks.size();) {
      const size_t end = std::min(marks.find(';', start), marks.size());
      lines.push_back(marks.substr(start, end - start));
      start = end + 1;
    }
    return lines;
  }

  static std::vector<std::string> StaleLines(const std::vector<StaleResults>& list) {
    std::vector<std::string> lines;
    for (const StaleResults& stale : list) {
      std::string line =
          absl::StrCat(stale.metric, " v", stale.version, " ", std::string(GrainName(*stale.grain)),
                       " ", stale.series, "/", stale.points);
      for (const DateRange& range : stale.dates) {
        absl::StrAppend(&line, " ", FormatDate(range.start), "..", FormatDate(range.end));
      }
      if (stale.first_bucket.has_value()) {
        absl::StrAppend(&line, " ", FormatInstant(*stale.first_bucket), " ",
                        FormatInstant(*stale.last_bucket));
      }
      lines.push_back(line);
    }
    return lines;
  }

  ImportPlanner planner_{pool_, tests_};
};

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
