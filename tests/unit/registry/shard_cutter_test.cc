// How a job is cut: sizes, boundaries, coverage.
#include "registry_service/backfills/shard_cutter.h"

#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/testing/matchers.h"

namespace metricstore::registry {
namespace {

using ::testing::_;
using ::testing::AllOf;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Ge;
using ::testing::IsEmpty;
using ::testing::Le;
using ::testing::Pair;
using ::testing::SizeIs;

std::shared_ptr<const calendar::Calendar> CalendarIn(const std::string& zone) {
  calendar::CalendarSpec spec;
  spec.name = "test";
  spec.time_zone = zone;
  spec.open_days = {absl::Weekday::monday, absl::Weekday::tuesday, absl::Weekday::wednesday,
                    absl::Weekday::thursday, absl::Weekday::friday};
  spec.sessions = {{.name = "rth", .open = {9 * 3600 + 1800, 0}, .close = {16 * 3600, 0}}};
  spec.first_date = absl::CivilDay(1990, 1, 1);
  spec.last_date = absl::CivilDay(2030, 12, 31);
  auto calendar = calendar::Calendar::Create(spec, 3);
  EXPECT_OK(calendar);
  return *calendar;
}

CutGroup Group(CutUnit unit, absl::CivilDay from, absl::CivilDay to,
               std::vector<EntityRows> entities) {
  return {.dataset = "fact_bars",
          .calendar = CalendarIn("America/New_York"),
          .unit = unit,
          .dates = {from, to},
          .metrics = {{{"prices/last_close", 1, Grain::kDay}, {}, Grain::kDay}},
          .entities = std::move(entities)};
}

EntityRows Rows(const std::string& entity, int64_t rows, absl::CivilDay first,
                absl::CivilDay last) {
  return {entity, rows, absl::FromCivil(first, absl::UTCTimeZone()) + absl::Hours(15),
          absl::FromCivil(last, absl::UTCTimeZone()) + absl::Hours(20)};
}

const absl::CivilDay kStart(2020, 1, 1);
const absl::CivilDay kEnd(2025, 1, 1);

TEST(CutUnitTest, CoarseGrainsAreCutAtYears) {
  EXPECT_EQ(CutUnitOf(Grain::kHour), CutUnit::kMonth);
  EXPECT_EQ(CutUnitOf(Grain::kDay), CutUnit::kMonth);
  EXPECT_EQ(CutUnitOf(Grain::kWeek), CutUnit::kWeek);
  EXPECT_EQ(CutUnitOf(Grain::kMonth), CutUnit::kYear);
  EXPECT_EQ(CutUnitOf(Grain::kQuarter), CutUnit::kYear);
  EXPECT_EQ(CutUnitOf(Grain::kYear), CutUnit::kYear);
}

TEST(CutShardsTest, YearOfMinuteBarsOfOneEntityIsFewShards) {
  const auto shards = CutShards(
      {Group(CutUnit::kMonth, absl::CivilDay(2023, 1, 1), kEnd,
             {Rows("SPY", 98'000, absl::CivilDay(2023, 1, 3), absl::CivilDay(2023, 12, 29))})});
  ASSERT_THAT(shards, SizeIs(2));
  EXPECT_EQ(shards[0].dates.start, absl::CivilDay(2023, 1, 1));
  EXPECT_EQ(shards[0].dates.end, shards[1].dates.start);
  EXPECT_EQ(shards[1].dates.end, absl::CivilDay(2024, 1, 1));  // dates without rows left out
  EXPECT_EQ(shards[0].calendar_version, 3);
  // In New York January starts at 05:00 UTC.
  EXPECT_EQ(FormatInstant(shards[0].extent.start), "2023-01-01T05:00:00Z");
}

TEST(CutShardsTest, LongHistoryIsCutAtMonthsWithoutGapOrOverlap) {
  const auto shards =
      CutShards({Group(CutUnit::kMonth, absl::CivilDay(2020, 1, 15), absl::CivilDay(2024, 11, 20),
                       {Rows("BTC", 2'600'000, kStart, absl::CivilDay(2024, 12, 31))})});
  EXPECT_GE(shards.size(), 12u);
  EXPECT_LE(shards.size(), 20u);
  EXPECT_EQ(shards.front().dates.start, absl::CivilDay(2020, 1, 15));
  EXPECT_EQ(shards.back().dates.end, absl::CivilDay(2024, 11, 20));
  for (size_t i = 1; i < shards.size(); ++i) {
    EXPECT_EQ(shards[i].dates.start, shards[i - 1].dates.end);
    EXPECT_EQ(shards[i].dates.start.day(), 1);
    EXPECT_EQ(shards[i].extent.start, shards[i - 1].extent.end);
  }
}

TEST(CutShardsTest, WeeksAndYearsAreNeverCut) {
  const EntityRows rows = Rows("BTC", 2'600'000, kStart, absl::CivilDay(2024, 12, 31));
  const auto weeks = CutShards(
      {Group(CutUnit::kWeek, absl::CivilDay(2019, 12, 30), absl::CivilDay(2025, 1, 6), {rows})});
  EXPECT_GE(weeks.size(), 6u);
  for (const ShardSpec& shard : weeks) {
    EXPECT_EQ(absl::GetWeekday(shard.dates.start), absl::Weekday::monday);
    EXPECT_EQ(absl::GetWeekday(shard.dates.end), absl::Weekday::monday);
  }
  const auto years = CutShards({Group(CutUnit::kYear, kStart, kEnd, {rows})});
  EXPECT_THAT(years, SizeIs(5));  // more would be wanted
  for (const ShardSpec& shard : years) EXPECT_EQ(shard.dates.start.month(), 1);
}

TEST(CutShardsTest, TenThousandTinyEntitiesAreFewShards) {
  std::vector<EntityRows> entities;
  for (int i = 0; i < 10'000; ++i) {
    entities.push_back(
        Rows(absl::StrCat("user", 10'000 + i), 12, kStart, absl::CivilDay(2024, 6, 1)));
  }
  const auto shards = CutShards({Group(CutUnit::kMonth, kStart, kEnd, entities)});
  EXPECT_LE(shards.size(), 4u);
  std::set<std::string> seen;
  for (const ShardSpec& shard : shards) {
    EXPECT_LE(shard.entities.size(), kMaxShardEntities);
    EXPECT_TRUE(std::is_sorted(shard.entities.begin(), shard.entities.end()));
    for (const std::string& entity : shard.entities) EXPECT_TRUE(seen.insert(entity).second);
  }
  EXPECT_EQ(seen.size(), 10'000u);
}

TEST(CutShardsTest, BigJobFeedsSeveralWorkers) {
  std::vector<EntityRows> entities;
  for (int i = 0; i < 8; ++i) {
    entities.push_back(Rows(absl::StrCat("S", i), 50'000, kStart, absl::CivilDay(2024, 6, 1)));
  }
  const auto shards = CutShards({Group(CutUnit::kMonth, kStart, kEnd, entities)});
  EXPECT_GE(shards.size(), 4u);
}

TEST(CutShardsTest, FewShardsAreSmallerSoThatWorkersEndTogether) {
  const auto shards_of = [](int64_t rows) {
    std::vector<EntityRows> entities;
    for (int i = 0; i < 200; ++i) {
      entities.push_back(
          Rows(absl::StrCat("S", 100 + i), rows / 200, kStart, absl::CivilDay(2024, 6, 1)));
    }
    return CutShards({Group(CutUnit::kMonth, kStart, kEnd, entities)}).size();
  };
  EXPECT_EQ(shards_of(40'000), 1u);
  EXPECT_THAT(shards_of(400'000), AllOf(Ge(4u), Le(8u)));
  EXPECT_THAT(shards_of(2'000'000), AllOf(Ge(10u), Le(20u)));
  EXPECT_THAT(shards_of(17'500'000), AllOf(Ge(40u), Le(60u)));
}

// Buckets an hour over any dates are at most as many as rows, and as hours of those dates.
int64_t MostPoints(const ShardSpec& shard, int64_t rows_of_each_entity) {
  const int64_t hours = absl::ToInt64Hours(shard.extent.end - shard.extent.start);
  return static_cast<int64_t>(shard.entities.size() * shard.metrics.size()) *
         std::min(hours, rows_of_each_entity);
}

CutGroup HourlyGroup(int metrics, int entities, int64_t rows) {
  std::vector<EntityRows> stored;
  for (int i = 0; i < entities; ++i) {
    stored.push_back(
        Rows(absl::StrCat("S", 10'000 + i), rows, kStart, absl::CivilDay(2024, 12, 31)));
  }
  CutGroup group = Group(CutUnit::kMonth, kStart, kEnd, stored);
  group.metrics.clear();
  for (int i = 0; i < metrics; ++i) {
    group.metrics.push_back(
        {{absl::StrCat("many/m", 10'000 + i), 1, Grain::kHour}, {}, Grain::kHour});
  }
  return group;
}

TEST(CutShardsTest, ResultsOfAShardStayBelowTheirLimit) {
  struct Case {
    int metrics;
    int entities;
    int64_t rows;
  };
  for (const Case& c : {Case{100, 1, 43'800},       // a row a bucket
                        Case{100, 1, 2'600'000},    // many rows a bucket
                        Case{300, 40, 2'000},       // small entities
                        Case{5'000, 2, 43'800}}) {  // metrics alone are too many
    SCOPED_TRACE(c.metrics);
    std::map<std::pair<std::string, std::string>, int> months;
    for (const ShardSpec& shard : CutShards({HourlyGroup(c.metrics, c.entities, c.rows)})) {
      EXPECT_LE(MostPoints(shard, c.rows), kMaxShardPoints);
      for (absl::CivilMonth month(shard.dates.start); month < shard.dates.end; ++month) {
        for (const MetricAtGrain& metric : shard.metrics) {
          for (const std::string& entity : shard.entities) ++months[{metric.id, entity}];
        }
      }
    }
    // Every month of every series once.
    EXPECT_THAT(months, SizeIs(static_cast<size_t>(c.metrics * c.entities)));
    EXPECT_THAT(months, Each(Pair(_, 60)));
  }
}

TEST(CutShardsTest, SeriesWithoutPointsTakeRoomToo) {
  for (const ShardSpec& shard : CutShards({HourlyGroup(500, 3'000, 1)})) {
    size_t bytes = 0;
    for (const MetricAtGrain& metric : shard.metrics) bytes += metric.id.size() + 16;
    EXPECT_LE(bytes * shard.entities.size(), 32u << 20);
  }
}

TEST(CutShardsTest, MinuteBarsAreNotCutSmallerForManyMetrics) {
  CutGroup group = HourlyGroup(60, 1, 400'000);
  for (CutMetric& cut : group.metrics) cut.metric.grain = cut.window_grain = Grain::kDay;
  const size_t many = CutShards({group}).size();
  group.metrics.resize(1);
  EXPECT_EQ(many, CutShards({group}).size());
}

TEST(CutShardsTest, EntityWhoseRowsMovedAwayStillTakesPart) {
  const auto shards = CutShards({Group(CutUnit::kMonth, kStart, kEnd,
                                       {Rows("left", 0, kStart, absl::CivilDay(2020, 2, 1))})});
  ASSERT_THAT(shards, SizeIs(1));
  EXPECT_EQ(shards[0].dates.end, absl::CivilDay(2020, 3, 1));
}

TEST(CutShardsTest, LongNamesKeepAShardSmall) {
  std::vector<EntityRows> entities;
  for (int i = 0; i < 1'000; ++i) {
    entities.push_back(Rows(absl::StrCat(std::string(1'000, 'x'), 1'000 + i), 1, kStart, kStart));
  }
  for (const ShardSpec& shard : CutShards({Group(CutUnit::kMonth, kStart, kEnd, entities)})) {
    EXPECT_LE(ShardSpecToJson(shard).size(), kMaxShardNameBytes + 4'096);
  }
}

TEST(CutShardsTest, EntitiesWithoutRowsInTheDatesTakeNoPart) {
  const auto shards =
      CutShards({Group(CutUnit::kMonth, absl::CivilDay(2022, 1, 1), absl::CivilDay(2022, 3, 1),
                       {Rows("early", 10, kStart, absl::CivilDay(2020, 12, 31)),
                        Rows("inside", 10, absl::CivilDay(2022, 1, 5), absl::CivilDay(2022, 1, 6)),
                        Rows("late", 10, absl::CivilDay(2023, 1, 1), absl::CivilDay(2023, 1, 1)),
                        Rows("through", 10, kStart, absl::CivilDay(2024, 1, 1)),
                        {"none", 0, std::nullopt, std::nullopt}})});
  ASSERT_THAT(shards, SizeIs(1));
  EXPECT_THAT(shards[0].entities, ElementsAre("inside", "through"));
  EXPECT_THAT(CutShards({Group(CutUnit::kMonth, kStart, kEnd, {})}), IsEmpty());
}

TEST(CutShardsTest, EveryDayWithRowsIsCoveredOnce) {
  // Stretches of every length against ranges that start and end anywhere.
  for (int offset = 0; offset < 60; offset += 7) {
    for (const int64_t rows : {1, 60'000, 900'000}) {
      const absl::CivilDay first = kStart + offset;
      const absl::CivilDay last = first + 17 * (offset + 1);
      const DateRange dates{kStart + 20, kStart + 500};
      const auto shards = CutShards(
          {Group(CutUnit::kMonth, dates.start, dates.end, {Rows("SPY", rows, first, last)})});
      for (absl::CivilDay day = dates.start; day < dates.end; ++day) {
        int covered = 0;
        for (const ShardSpec& shard : shards) {
          covered += day >= shard.dates.start && day < shard.dates.end ? 1 : 0;
        }
        const bool has_rows = day >= first && day <= last;
        EXPECT_LE(covered, 1) << FormatDate(day);
        if (has_rows) {
          EXPECT_EQ(covered, 1) << FormatDate(day) << " " << offset << " " << rows;
        }
      }
    }
  }
}

// A group of one metric with that window.
CutGroup Seen(CutUnit unit, Grain grain, const std::string& window, DateRange dates,
              std::vector<EntityRows> entities) {
  CutGroup group = Group(unit, dates.start, dates.end, std::move(entities));
  const auto parsed = calendar::ParseWindow(window);
  EXPECT_OK(parsed);
  group.metrics = {{{"windows/x", 1, grain}, *parsed, grain}};
  return group;
}

TEST(CutShardsTest, BucketsThatWindowsShowLaterRowsInAreComputedToo) {
  const EntityRows rows = Rows("SPY", 10, absl::CivilDay(2024, 1, 10), absl::CivilDay(2024, 1, 30));
  const DateRange year{absl::CivilDay(2024, 1, 1), absl::CivilDay(2025, 1, 1)};
  struct Case {
    std::string window;
    CutUnit unit;
    Grain grain;
    absl::CivilDay end;  // a boundary after the last bucket that shows a row
  };
  for (const Case& c :
       {Case{"full_day", CutUnit::kMonth, Grain::kDay, absl::CivilDay(2024, 2, 1)},
        Case{"rolling_40_sessions of rth", CutUnit::kMonth, Grain::kDay,
             absl::CivilDay(2024, 4, 1)},  // the 39th session after January 30 is on March 25
        Case{"rolling_30d", CutUnit::kMonth, Grain::kDay, absl::CivilDay(2024, 3, 1)},
        Case{"year_to_date", CutUnit::kMonth, Grain::kDay, absl::CivilDay(2025, 1, 1)},
        Case{"previous_2 of rth", CutUnit::kYear, Grain::kMonth, absl::CivilDay(2025, 1, 1)},
        Case{"previous of rth", CutUnit::kWeek, Grain::kWeek, absl::CivilDay(2024, 2, 12)}}) {
    SCOPED_TRACE(c.window);
    const auto shards = CutShards({Seen(c.unit, c.grain, c.window, year, {rows})});
    ASSERT_THAT(shards, SizeIs(1));
    EXPECT_EQ(shards[0].dates.end, c.end);
  }
}

TEST(CutShardsTest, RowsBeforeTheDatesMayBeShownInThem) {
  const EntityRows rows = Rows("SPY", 10, absl::CivilDay(2024, 1, 10), absl::CivilDay(2024, 1, 30));
  const DateRange march{absl::CivilDay(2024, 3, 1), absl::CivilDay(2024, 4, 1)};
  EXPECT_THAT(CutShards({Seen(CutUnit::kMonth, Grain::kDay, "rth", march, {rows})}), IsEmpty());
  const auto shards =
      CutShards({Seen(CutUnit::kMonth, Grain::kDay, "rolling_40_sessions of rth", march, {rows})});
  ASSERT_THAT(shards, SizeIs(1));
  EXPECT_EQ(shards[0].dates, march);
}

TEST(CutShardsTest, RowsThatWindowsReachBackToAreCounted) {
  // 200 entities with 1,000 rows a year: a month of them fits into few shards.
  std::vector<EntityRows> entities;
  for (int i = 0; i < 200; ++i) {
    entities.push_back(
        Rows(absl::StrCat("S", 100 + i), 5'000, kStart, absl::CivilDay(2024, 12, 31)));
  }
  const DateRange month{absl::CivilDay(2024, 6, 1), absl::CivilDay(2024, 7, 1)};
  const auto shards_of = [&](const std::string& window) {
    return CutShards({Seen(CutUnit::kMonth, Grain::kDay, window, month, entities)}).size();
  };
  EXPECT_EQ(shards_of("rth"), 1u);
  EXPECT_THAT(shards_of("rolling_500_sessions of rth"), Ge(4u));
}

TEST(CutShardsTest, SpansAreNotMuchShorterThanWhatTheyReachBackTo) {
  const EntityRows rows = Rows("SPY", 2'600'000, kStart, absl::CivilDay(2024, 12, 31));
  const auto shards_of = [&](const std::string& window) {
    return CutShards({Seen(CutUnit::kMonth, Grain::kDay, window, {kStart, kEnd}, {rows})}).size();
  };
  EXPECT_GE(shards_of("rolling_5_sessions of rth"), 6u);
  EXPECT_LE(shards_of("rolling_500_sessions of rth"), 3u);
}

TEST(CutShardsTest, WeeksAreCutWhereTheCalendarSaysThatTheyStart) {
  const EntityRows rows = Rows("SPY", 2'600'000, kStart, absl::CivilDay(2024, 12, 31));
  CutGroup group =
      Group(CutUnit::kWeek, absl::CivilDay(2019, 12, 29), absl::CivilDay(2025, 1, 5), {rows});
  calendar::CalendarSpec spec = group.calendar->spec();
  spec.week_start = absl::Weekday::sunday;
  const auto from_sunday = calendar::Calendar::Create(spec, 4);
  ASSERT_OK(from_sunday);
  group.calendar = *from_sunday;
  const auto shards = CutShards({group});
  EXPECT_GE(shards.size(), 6u);
  for (const ShardSpec& shard : shards) {
    EXPECT_EQ(absl::GetWeekday(shard.dates.start), absl::Weekday::sunday);
    EXPECT_EQ(absl::GetWeekday(shard.dates.end), absl::Weekday::sunday);
    EXPECT_EQ(shard.calendar_version, 4);
  }
}

TEST(ShardSpecTest, SurvivesItsStoredForm) {
  CutGroup group = Group(CutUnit::kYear, kStart, kEnd, {Rows("\"S\\\xC3\x9C", 10, kStart, kStart)});
  group.also_reads = {"fact_other"};
  group.reads = {{"a/read", 2}, {"a/other", 1}};
  const auto shards = CutShards({group});
  ASSERT_THAT(shards, SizeIs(1));
  EXPECT_EQ(shards[0].reads,
            (std::vector<std::pair<std::string, int>>{{"a/other", 1}, {"a/read", 2}}));
  const auto parsed = ParseShardSpec(ShardSpecToJson(shards[0]));
  ASSERT_OK(parsed);
  EXPECT_EQ(*parsed, shards[0]);
  EXPECT_EQ(ParseShardSpec("{}").status().code(), absl::StatusCode::kInternal);
  EXPECT_EQ(ParseBackfillSpec("[1").status().code(), absl::StatusCode::kInternal);
}

}  // namespace
}  // namespace metricstore::registry
