// How far days move, and which buckets of metrics change, without a database.
#include <map>
#include <string>

#include "gmock/gmock.h"
#include "registry_service/catalog/effects/bucket_changes.h"
#include "registry_service/catalog/effects/hour_gaps.h"
#include "registry_service/catalog/effects/moved_chunks.h"
#include "registry_service/catalog/effects/unseen_rows.h"

namespace metricstore::registry {
namespace {

using absl::CivilDay;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

using CalendarPtr = std::shared_ptr<const calendar::Calendar>;

calendar::CalendarSpec Spec() {
  calendar::CalendarSpec spec;
  spec.name = "TEST";
  spec.time_zone = "America/New_York";
  spec.open_days = {absl::Weekday::monday, absl::Weekday::tuesday, absl::Weekday::wednesday,
                    absl::Weekday::thursday, absl::Weekday::friday};
  spec.sessions = {{"rth", {34200, 0}, {57600, 0}}};
  spec.first_date = CivilDay(2011, 1, 1);
  spec.last_date = CivilDay(2025, 12, 31);
  return spec;
}

CalendarPtr Make(const calendar::CalendarSpec& spec) {
  return *calendar::Calendar::Create(spec, 1);
}

CalendarPtr InZone(const std::string& zone) {
  calendar::CalendarSpec spec = Spec();
  spec.time_zone = zone;
  return Make(spec);
}

std::vector<absl::Duration> By(const std::vector<DateShift>& shifts) {
  std::vector<absl::Duration> by;
  for (const DateShift& shift : shifts) by.push_back(shift.by);
  return by;
}

TEST(ShiftsOf, DatesThatStartAtTheSameInstantsDoNotMove) {
  calendar::CalendarSpec after = Spec();
  after.sessions[0].open.second_of_day = 36000;
  after.time_zone = "US/Eastern";
  EXPECT_THAT(ShiftsOf(*Make(Spec()), *Make(after), {CivilDay(2024, 1, 1), CivilDay(2025, 1, 1)}),
              IsEmpty());
}

TEST(ShiftsOf, AnEveningBeforeMovesAllByTheClockOnTheWall) {
  calendar::CalendarSpec after = Spec();
  after.sessions.push_back({"evening", {64800, -1}, {68400, -1}});
  const auto shifts =
      ShiftsOf(*Make(Spec()), *Make(after), {CivilDay(2024, 3, 1), CivilDay(2024, 4, 1)});
  // Both start before the night in which the clock is set.
  EXPECT_THAT(By(shifts), ElementsAre(absl::Hours(-6)));
  EXPECT_EQ(FormatInstant(shifts[0].starts.start), "2024-03-01T05:00:00Z");
  EXPECT_EQ(FormatInstant(shifts[0].starts.end), "2024-04-01T04:00:00Z");
}

TEST(ShiftsOf, AnotherZoneMovesThemAsTheClocksOfTheTwoDiffer) {
  const auto shifts = ShiftsOf(*InZone("America/New_York"), *InZone("Europe/London"),
                               {CivilDay(2024, 3, 1), CivilDay(2024, 4, 2)});
  EXPECT_THAT(By(shifts), ElementsAre(absl::Hours(-5), absl::Hours(-4), absl::Hours(-5)));
  EXPECT_EQ(FormatInstant(shifts[1].starts.start), "2024-03-11T04:00:00Z");
  EXPECT_EQ(FormatInstant(shifts[2].starts.start), "2024-04-01T04:00:00Z");
}

TEST(ShiftsOf, ADateThatTheClockSkipsIsLeftOut) {
  const DateRange week{CivilDay(2011, 12, 28), CivilDay(2012, 1, 2)};
  const auto shifts = ShiftsOf(*InZone("UTC"), *InZone("Pacific/Apia"), week);
  EXPECT_THAT(By(shifts), ElementsAre(absl::Hours(10), absl::Hours(-14)));
  EXPECT_EQ(FormatInstant(shifts[0].starts.end), "2011-12-30T00:00:00Z");
  EXPECT_EQ(FormatInstant(shifts[1].starts.start), "2011-12-31T00:00:00Z");
}

CalendarPtr WithEvening() {
  calendar::CalendarSpec spec = Spec();
  spec.sessions.push_back({"evening", {64800, -1}, {68400, -1}});
  return Make(spec);
}

TEST(RedatedHours, AreTheDatesOfTheirInstants) {
  const DateRange friday{CivilDay(2024, 4, 5), CivilDay(2024, 4, 6)};
  const auto redated = [&](const CalendarPtr& after, DateRange dates) {
    return RedatedHours(*InZone("America/New_York"), *after, dates);
  };
  EXPECT_EQ(redated(InZone("America/New_York"), friday), friday);
  EXPECT_EQ(redated(InZone("Asia/Tokyo"), friday), (DateRange{friday.start, friday.end + 1}));
  EXPECT_EQ(redated(InZone("America/Denver"), friday), (DateRange{friday.start - 1, friday.end}));
  EXPECT_EQ(redated(WithEvening(), friday), (DateRange{friday.start, friday.end + 1}));
  const DateRange skipped{CivilDay(2011, 12, 30), CivilDay(2011, 12, 31)};
  const DateRange none = RedatedHours(*InZone("Pacific/Apia"), *InZone("UTC"), skipped);
  EXPECT_GE(none.start, none.end);
}

std::vector<std::string> GapTexts(const std::vector<HourGap>& gaps) {
  std::vector<std::string> texts;
  for (const HourGap& gap : gaps) {
    texts.push_back(FormatDate(gap.dates.start) + ".." + FormatDate(gap.dates.end) + " " +
                    FormatInstant(gap.instants.start) + " " + FormatInstant(gap.instants.end));
  }
  return texts;
}

TEST(HourGaps, LieWhereAStretchStartsSoonerOrEndsLater) {
  const std::vector<DateRange> stretches = {{CivilDay(2024, 2, 5), CivilDay(2024, 2, 10)},
                                            {CivilDay(2024, 4, 5), CivilDay(2024, 4, 6)}};
  const auto gaps = [&](const CalendarPtr& after) {
    return GapTexts(HourGapsOf(*InZone("America/New_York"), *after, stretches));
  };
  EXPECT_THAT(gaps(InZone("US/Eastern")), IsEmpty());
  EXPECT_THAT(gaps(InZone("America/Denver")),
              ElementsAre("2024-02-09..2024-02-10 2024-02-10T05:00:00Z 2024-02-10T07:00:00Z",
                          "2024-04-05..2024-04-06 2024-04-06T04:00:00Z 2024-04-06T06:00:00Z"));
  EXPECT_THAT(gaps(WithEvening()),
              ElementsAre("2024-02-05..2024-02-06 2024-02-04T23:00:00Z 2024-02-05T05:00:00Z",
                          "2024-04-05..2024-04-06 2024-04-04T22:00:00Z 2024-04-05T04:00:00Z"));
}

TEST(HourGaps, AreAtBothEndsWhereTheClockIsSetBetween) {
  // The clocks are set on 31 March in London, and on the tenth in New York.
  EXPECT_THAT(GapTexts(HourGapsOf(*InZone("UTC"), *InZone("Europe/London"),
                                  {{CivilDay(2024, 3, 30), CivilDay(2024, 4, 2)}})),
              IsEmpty());
  EXPECT_THAT(GapTexts(HourGapsOf(*InZone("Europe/London"), *InZone("UTC"),
                                  {{CivilDay(2024, 3, 30), CivilDay(2024, 4, 2)}})),
              ElementsAre("2024-04-01..2024-04-02 2024-04-01T23:00:00Z 2024-04-02T00:00:00Z"));
  // A date that the new calendar cuts anew as a whole.
  EXPECT_THAT(GapTexts(HourGapsOf(*InZone("Pacific/Kiritimati"), *InZone("Pacific/Niue"),
                                  {{CivilDay(2024, 4, 5), CivilDay(2024, 4, 6)}})),
              ElementsAre("2024-04-05..2024-04-06 2024-04-05T11:00:00Z 2024-04-06T11:00:00Z"));
}

TEST(UnseenDates, AreThoseWhoseNewestJobCameBeforeTheRows) {
  const auto days = [](int first, int end) {
    return DateRange{CivilDay(2024, 4, first), CivilDay(2024, 4, end)};
  };
  const auto at = [](int hour) { return absl::UnixEpoch() + absl::Hours(hour); };
  // Newest first: the fifth again, nightly ones, and the first of all.
  const std::vector<HourJob> jobs = {{days(5, 6), at(40), 40},
                                     {days(11, 12), at(30), 30},
                                     {days(10, 11), at(20), 20},
                                     {days(1, 10), at(10), 10}};
  EXPECT_THAT(UnseenDates(jobs, {{days(1, 10), at(9), 9}}, false), IsEmpty());
  EXPECT_THAT(UnseenDates(jobs, {{days(10, 11), at(19), 19}}, true), IsEmpty());
  EXPECT_THAT(UnseenDates(jobs, {{days(4, 7), at(35), 35}}, false),
              ElementsAre(days(4, 5), days(6, 7)));
  EXPECT_THAT(UnseenDates(jobs, {{days(9, 10), at(25), 25}}, false), ElementsAre(days(9, 10)));
  EXPECT_THAT(UnseenDates(jobs, {{days(9, 10), at(25), 25}}, true), ElementsAre(days(9, 11)));
  EXPECT_THAT(UnseenDates(jobs, {{days(12, 14), at(50), 50}}, true), IsEmpty());
  // It ran when the job was planned; of old rows only the time is known.
  EXPECT_THAT(UnseenDates(jobs, {{days(5, 6), at(39), 40}}, false), ElementsAre(days(5, 6)));
  EXPECT_THAT(UnseenDates(jobs, {{days(5, 6), at(15), 99}}, false), IsEmpty());
  EXPECT_THAT(UnseenDates(jobs, {{days(5, 6), at(39), {}}}, false), IsEmpty());
  EXPECT_THAT(UnseenDates(jobs, {{days(5, 6), at(40), {}}}, false), ElementsAre(days(5, 6)));
}

int64_t Micros(int month, int day, int hour = 0) {
  return ToMicros(absl::FromCivil(absl::CivilHour(2024, month, day, hour), absl::UTCTimeZone()));
}

DateShift Shift(int64_t start, int64_t end, int hours) {
  return {{FromMicros(start), FromMicros(end)}, absl::Hours(hours)};
}

const CivilDay kJanuary(2024, 1, 1);
const CivilDay kFebruary(2024, 2, 1);

TEST(MovedChunks, APointGoesToTheChunkThatItComesToLieIn) {
  const StoredChunks stored = {
      {kJanuary, {{Micros(1, 1), Micros(1, 31)}, {1, 31}, {0, 2}, {}, 7}},
      {kFebruary, {{Micros(2, 1), Micros(2, 2)}, {32, 33}, {}, {"x", ""}, 9}}};
  const auto moved = MovedChunks(Grain::kDay, stored, {Shift(Micros(1, 1), Micros(2, 3), -6)});
  ASSERT_EQ(moved.size(), 3u);
  const StoredChunk& december = moved.at(CivilDay(2023, 12, 1));
  EXPECT_THAT(december.values, ElementsAre(1));
  EXPECT_THAT(december.statuses, IsEmpty());
  const StoredChunk& january = moved.at(kJanuary);
  EXPECT_THAT(january.bucket_starts, ElementsAre(Micros(1, 30, 18), Micros(1, 31, 18)));
  EXPECT_THAT(january.values, ElementsAre(31, 32));
  EXPECT_THAT(january.statuses, ElementsAre(2, 0));
  EXPECT_THAT(january.texts, ElementsAre("", "x"));
  EXPECT_EQ(january.watermark, 9);
  const StoredChunk& february = moved.at(kFebruary);
  EXPECT_THAT(february.values, ElementsAre(33));
  EXPECT_THAT(february.texts, IsEmpty());
}

TEST(MovedChunks, CoarserBucketsLieInDecades) {
  const StoredChunks stored = {
      {CivilDay(2020, 1, 1), {{Micros(1, 1), Micros(2, 1)}, {1, 2}, {}, {}, {}}}};
  const auto moved = MovedChunks(Grain::kMonth, stored, {Shift(Micros(1, 1), Micros(3, 1), 5)});
  ASSERT_EQ(moved.size(), 1u);
  EXPECT_THAT(moved.at(CivilDay(2020, 1, 1)).bucket_starts,
              ElementsAre(Micros(1, 1, 5), Micros(2, 1, 5)));
  EXPECT_FALSE(moved.at(CivilDay(2020, 1, 1)).watermark.has_value());
}

TEST(MovedChunks, PointsOfDatesThatAreLeftOutGo) {
  const StoredChunks stored = {
      {kJanuary,
       {{Micros(1, 1), Micros(1, 2), Micros(1, 3), Micros(1, 4)}, {1, 2, 3, 4}, {}, {}, 1}}};
  const auto moved =
      MovedChunks(Grain::kDay, stored,
                  {Shift(Micros(1, 1), Micros(1, 2), 10), Shift(Micros(1, 3), Micros(1, 4), -14)});
  EXPECT_THAT(moved.at(kJanuary).bucket_starts, ElementsAre(Micros(1, 1, 10), Micros(1, 2, 10)));
  EXPECT_THAT(moved.at(kJanuary).values, ElementsAre(1, 3));
}

TEST(MovedChunks, PointsThatNoDateStartsAtNeverComeOutOfOrder) {
  const StoredChunks stored = {
      {kJanuary, {{Micros(1, 1), Micros(1, 1, 23), Micros(1, 2)}, {1, 9, 2}, {0, 1, 0}, {}, 1}}};
  const auto moved =
      MovedChunks(Grain::kDay, stored,
                  {Shift(Micros(1, 1), Micros(1, 2), 2), Shift(Micros(1, 2), Micros(1, 3), 1)});
  EXPECT_THAT(moved.at(kJanuary).bucket_starts, ElementsAre(Micros(1, 1, 2), Micros(1, 2, 1)));
  EXPECT_THAT(moved.at(kJanuary).values, ElementsAre(1, 2));
  EXPECT_THAT(moved.at(kJanuary).statuses, IsEmpty());
}

class BucketChangesTest : public ::testing::Test {
 protected:
  BucketChangesTest() {
    dataset_.name = "fact_bars";
    dataset_.timeframe = absl::Minutes(1);
    dataset_.columns = {{.name = "close", .rollup = ColumnRollup::kLast},
                        {.name = "volume", .rollup = ColumnRollup::kSum}};
    Add("base", "fact_bars", "sum(volume)");
  }

  MetricDefinition& Add(const std::string& name, const std::string& dataset,
                        const std::string& expression, std::vector<std::string> reads = {}) {
    MetricDefinition& metric = metrics_["m/" + name];
    metric.name = name;
    metric.category = "m";
    metric.dataset = dataset;
    metric.expression = expression;
    metric.depends_on = std::move(reads);
    metric.columns = {"volume"};
    metric.window = *calendar::ParseWindow("rth");
    return metric;
  }

  // With a holiday on Tuesday, 16 January 2024, unless the calendars are given.
  std::vector<DateRange> Changes(const std::string& name, Grain grain) {
    GroundChange change{Make(Spec()), Make(after_), {{"fact_bars", {dataset_, dataset_}}}};
    return ChangesOf(change, name, grain);
  }

  std::vector<DateRange> ChangesOf(const GroundChange& change, const std::string& name,
                                   Grain grain) {
    SourceFinder sources(
        [&](const std::string& id) {
          const auto found = metrics_.find(id);
          return found == metrics_.end() ? nullptr : &found->second;
        },
        [](const std::string&) { return nullptr; });
    BucketChanges changes(change, {CivilDay(2024, 1, 1), CivilDay(2024, 7, 1)}, sources);
    return changes.Of(metrics_.at("m/" + name), grain);
  }

  static DateRange Day(int month, int day) {
    return {CivilDay(2024, month, day), CivilDay(2024, month, day) + 1};
  }

  void CloseOn(CivilDay date) {
    after_.holidays = {{"H", calendar::DateRule{calendar::DateRule::Dates{{date}}}, {}}};
  }

  Dataset dataset_;
  std::map<std::string, MetricDefinition> metrics_;
  calendar::CalendarSpec after_ = Spec();
};

TEST_F(BucketChangesTest, WhatReadsAMetricOfAnEarlierBucketChangesLater) {
  CloseOn(CivilDay(2024, 1, 16));
  Add("week_ago", "", "metric('m/base', offset => '1 week')", {"m/base"});
  Add("growth", "", "metric('m/base') / metric('m/base', offset => '1 month')", {"m/base"});
  Add("both", "", "metric('m/growth') + metric('m/week_ago')", {"m/growth", "m/week_ago"});
  EXPECT_THAT(Changes("base", Grain::kDay), ElementsAre(Day(1, 16)));
  EXPECT_THAT(Changes("week_ago", Grain::kDay), ElementsAre(Day(1, 23)));
  EXPECT_THAT(Changes("growth", Grain::kDay), ElementsAre(Day(1, 16), Day(2, 16)));
  EXPECT_THAT(Changes("both", Grain::kDay), ElementsAre(Day(1, 16), Day(1, 23), Day(2, 16)));
  EXPECT_THAT(Changes("growth", Grain::kMonth),
              ElementsAre(DateRange{CivilDay(2024, 1, 1), CivilDay(2024, 3, 1)}));
}

TEST_F(BucketChangesTest, WhatReadsADateThatTheCalendarForgetsChanges) {
  after_.first_date = CivilDay(2024, 1, 10);
  after_.last_date = CivilDay(2024, 6, 27);
  Add("same", "", "metric('m/base') * 2", {"m/base"});
  Add("yesterday", "", "metric('m/base', offset => '1 day')", {"m/base"});
  Add("outer", "", "metric('m/yesterday', offset => '1 week')", {"m/yesterday"});
  const auto days = [](int month, int first, int last) {
    return DateRange{CivilDay(2024, month, first), CivilDay(2024, month, last) + 1};
  };
  EXPECT_THAT(Changes("base", Grain::kDay), ElementsAre(days(1, 1, 5), days(1, 8, 9), Day(6, 28)));
  EXPECT_THAT(Changes("same", Grain::kDay), ElementsAre(days(1, 1, 5), days(1, 8, 9), Day(6, 28)));
  // The tenth reads the ninth.
  EXPECT_THAT(Changes("yesterday", Grain::kDay),
              ElementsAre(days(1, 2, 6), days(1, 9, 10), Day(6, 29)));
  EXPECT_THAT(Changes("outer", Grain::kDay),
              ElementsAre(days(1, 9, 13), days(1, 16, 17),
                          DateRange{CivilDay(2024, 7, 6), CivilDay(2024, 7, 7)}));
}

TEST_F(BucketChangesTest, FoldedPointsFollowTheStepsNotTheInstants) {
  Add("folded", "fact_bars", "sum(volume)").rollup = "sum";
  after_.sessions.push_back({"evening", {64800, -1}, {68400, -1}});
  EXPECT_THAT(Changes("folded", Grain::kMonth), IsEmpty());
  after_.week_start = absl::Weekday::sunday;
  EXPECT_THAT(Changes("folded", Grain::kMonth), IsEmpty());
  EXPECT_THAT(Changes("folded", Grain::kWeek), ::testing::SizeIs(1));
}

TEST_F(BucketChangesTest, BarsDifferWhereTheirMakingDoes) {
  MetricDefinition metric = Add("bars", "fact_bars", "sum(volume)");
  DatasetChange change{dataset_, dataset_};
  change.after.columns[1].rollup = ColumnRollup::kMax;
  EXPECT_FALSE(BarsDiffer(metric, change));
  metric.timeframe = absl::Minutes(15);
  EXPECT_TRUE(BarsDiffer(metric, change));
  metric.columns = {"close"};
  EXPECT_FALSE(BarsDiffer(metric, change));
  change.after.timeframe = absl::Minutes(5);
  EXPECT_FALSE(BarsDiffer(metric, change));
  change.after.timeframe = absl::Minutes(15);
  EXPECT_TRUE(BarsDiffer(metric, change));
  change.before.timeframe = absl::Minutes(15);
  EXPECT_FALSE(BarsDiffer(metric, change));
}

}  // namespace
}  // namespace metricstore::registry
