#include "common/calendar/calendar_diff.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/matchers.h"

namespace metricstore::calendar {
namespace {

using absl::CivilDay;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

const DateRange kYear{CivilDay(2024, 1, 1), CivilDay(2025, 1, 1)};

CalendarSpec Spec() {
  CalendarSpec spec;
  spec.name = "TEST";
  spec.time_zone = "America/New_York";
  spec.open_days = {absl::Weekday::monday, absl::Weekday::tuesday, absl::Weekday::wednesday,
                    absl::Weekday::thursday, absl::Weekday::friday};
  spec.sessions = {{"rth", {34200, 0}, {57600, 0}}, {"pre", {14400, 0}, {34200, 0}}};
  spec.first_date = CivilDay(2023, 1, 1);
  spec.last_date = CivilDay(2025, 12, 31);
  return spec;
}

Holiday On(CivilDay date, std::vector<std::string> sessions = {}) {
  return {"H", DateRule{DateRule::Dates{{date}}}, std::move(sessions)};
}

std::vector<DateRange> Dates(const CalendarSpec& after) {
  return ChangedDates(**Calendar::Create(Spec(), 1), **Calendar::Create(after, 2), kYear);
}

std::vector<DateRange> Buckets(const CalendarSpec& after, const char* window, Grain grain,
                               DateRange dates = kYear) {
  return ChangedBuckets(**Calendar::Create(Spec(), 1), **Calendar::Create(after, 2),
                        *ParseWindow(window), grain, dates);
}

DateRange Day(CivilDay date) { return {date, date + 1}; }

std::vector<DateRange> BarBuckets(const CalendarSpec& after, const char* window, Grain grain,
                                  DateRange dates, const BarCut& bars) {
  return ChangedBuckets(**Calendar::Create(Spec(), 1), **Calendar::Create(after, 2),
                        *ParseWindow(window), grain, dates, bars);
}

TEST(CalendarDiff, WordsChangeNothing) {
  CalendarSpec after = Spec();
  after.description = "Better words.";
  // A holiday on a Saturday is told, and closes nothing.
  after.holidays = {On(CivilDay(2024, 7, 6))};
  EXPECT_THAT(Dates(after), IsEmpty());
  EXPECT_THAT(Buckets(after, "rth", Grain::kDay), IsEmpty());
  EXPECT_THAT(Buckets(after, "rolling_20_sessions of rth", Grain::kMonth), IsEmpty());
}

TEST(CalendarDiff, RulesForTheSameHoursChangeNothing) {
  CalendarSpec after = Spec();
  after.sessions[0].last_date = CivilDay(2024, 6, 30);
  after.sessions.push_back({"rth", {34200, 0}, {57600, 0}});
  after.sessions[2].first_date = CivilDay(2024, 7, 1);
  EXPECT_THAT(Dates(after), IsEmpty());
}

TEST(CalendarDiff, AHolidayChangesItsDateAndWhatReachesBackToIt) {
  CalendarSpec after = Spec();
  // A Thursday.
  const CivilDay date(2024, 7, 4);
  after.holidays = {On(date)};
  EXPECT_THAT(Dates(after), ElementsAre(Day(date)));
  EXPECT_THAT(Buckets(after, "rth", Grain::kDay), ElementsAre(Day(date)));
  EXPECT_THAT(Buckets(after, "rth", Grain::kMonth),
              ElementsAre(DateRange{CivilDay(2024, 7, 1), CivilDay(2024, 8, 1)}));
  // The bucket is gone; Friday's and Monday's three sessions are others. Tuesday's are as before.
  EXPECT_THAT(Buckets(after, "rolling_3_sessions of rth", Grain::kDay),
              ElementsAre(DateRange{date, date + 2}, DateRange{date + 4, date + 5}));
  // The rest of the month, week by week.
  EXPECT_EQ(Buckets(after, "month_to_date of rth", Grain::kDay).size(), 5u);
  EXPECT_THAT(Buckets(after, "previous of rth", Grain::kDay),
              ElementsAre(DateRange{date, date + 2}));
  // Full days are there on holidays too.
  EXPECT_THAT(Buckets(after, "full_day", Grain::kDay), IsEmpty());
}

TEST(CalendarDiff, AHolidayOfOneSessionLeavesTheOthers) {
  CalendarSpec after = Spec();
  after.holidays = {On(CivilDay(2024, 7, 4), {"pre"})};
  EXPECT_THAT(Dates(after), ElementsAre(Day(CivilDay(2024, 7, 4))));
  EXPECT_THAT(Buckets(after, "rth", Grain::kDay), IsEmpty());
  EXPECT_THAT(Buckets(after, "pre", Grain::kDay), ElementsAre(Day(CivilDay(2024, 7, 4))));
}

TEST(CalendarDiff, HoursThatChangeFromADateChangeTheDatesAfterIt) {
  CalendarSpec after = Spec();
  // A Wednesday.
  const CivilDay change(2024, 12, 18);
  after.sessions[0].last_date = change - 1;
  after.sessions.push_back({"rth", {34200, 0}, {61200, 0}});
  after.sessions[2].first_date = change;
  EXPECT_THAT(Dates(after),
              ElementsAre(DateRange{change, change + 3}, DateRange{change + 5, change + 10},
                          DateRange{change + 12, kYear.end}));
  // What comes before the close is as before.
  EXPECT_THAT(Buckets(after, "first_30m", Grain::kDay), IsEmpty());
  EXPECT_THAT(
      Buckets(after, "last_30m", Grain::kWeek, {CivilDay(2024, 12, 1), CivilDay(2024, 12, 20)}),
      ElementsAre(DateRange{CivilDay(2024, 12, 16), CivilDay(2024, 12, 23)}));
}

TEST(CalendarDiff, ABreakChangesWhatIsShownWithinTheSameBounds) {
  CalendarSpec after = Spec();
  after.sessions[0].breaks = {{{43200, 0}, {46800, 0}}};
  const DateRange monday = Day(CivilDay(2024, 7, 1));
  EXPECT_THAT(Buckets(after, "rth", Grain::kDay, monday), ElementsAre(monday));
  EXPECT_THAT(Buckets(after, "first_30m", Grain::kDay, monday), IsEmpty());
  EXPECT_THAT(Buckets(after, "rth", Grain::kHour, monday), ElementsAre(monday));
}

TEST(CalendarDiff, AnotherZoneChangesEveryDate) {
  CalendarSpec after = Spec();
  after.time_zone = "America/Chicago";
  EXPECT_THAT(Dates(after), ElementsAre(kYear));
  EXPECT_THAT(Buckets(after, "full_day", Grain::kDay), ElementsAre(kYear));
  // Closed dates have no buckets of a session, so they are not named.
  const CivilDay friday(2024, 7, 5);
  EXPECT_THAT(Buckets(after, "rth", Grain::kDay, {friday, friday + 4}),
              ElementsAre(Day(friday), Day(friday + 3)));
}

TEST(CalendarDiff, AnEveningSessionMovesTheExtents) {
  CalendarSpec after = Spec();
  after.sessions.push_back({"evening", {64800, -1}, {68400, -1}});
  EXPECT_THAT(Dates(after), ElementsAre(kYear));
  EXPECT_THAT(Buckets(after, "full_day", Grain::kDay), ElementsAre(kYear));
  // The buckets start elsewhere, but show the same.
  const DateRange monday = Day(CivilDay(2024, 7, 1));
  EXPECT_THAT(Buckets(after, "rth", Grain::kDay, monday), IsEmpty());
  EXPECT_THAT(Buckets(after, "rth", Grain::kHour, monday), IsEmpty());
  // The hours are those of before, on another date some of them.
  EXPECT_THAT(Buckets(after, "full_day", Grain::kHour, monday), IsEmpty());
  EXPECT_THAT(Buckets(after, "day_to_date", Grain::kHour, monday), ElementsAre(monday));
}

TEST(CalendarDiff, AnHourThatGoesIsToldOfTheDateThatItHasNow) {
  CalendarSpec before = Spec();
  before.sessions.push_back({"evening", {64800, -1}, {68400, -1}});
  CalendarSpec after = Spec();
  after.sessions.push_back({"evening", {64800, 0}, {68400, 0}});
  after.sessions[2].days = {absl::Weekday::saturday};
  // Monday's evening was on Sunday; Saturday's is new.
  EXPECT_THAT(ChangedBuckets(**Calendar::Create(before, 1), **Calendar::Create(after, 2),
                             *ParseWindow("evening"), Grain::kHour,
                             {CivilDay(2024, 7, 6), CivilDay(2024, 7, 9)}),
              ElementsAre(DateRange{CivilDay(2024, 7, 6), CivilDay(2024, 7, 9)}));
}

TEST(CalendarDiff, BarsFromTheOpenMoveWithIt) {
  CalendarSpec after = Spec();
  const CivilDay date(2024, 7, 2);
  after.special_hours = {
      {"Late", DateRule{DateRule::Dates{{date}}}, {}, LocalTime{34200 + 600, 0}, {}}};
  const DateRange week{CivilDay(2024, 7, 1), CivilDay(2024, 7, 6)};
  const BarCut session{absl::Minutes(15), BarAlignment::kSession};
  // The last half hour is that of before, but its bars are counted from 09:40.
  EXPECT_THAT(Buckets(after, "last_30m", Grain::kDay, week), IsEmpty());
  EXPECT_THAT(BarBuckets(after, "last_30m", Grain::kDay, week, session), ElementsAre(Day(date)));
  EXPECT_THAT(BarBuckets(after, "last_30m", Grain::kDay, week, {absl::Minutes(15)}), IsEmpty());
  EXPECT_THAT(BarBuckets(after, "rolling_2_sessions of last_30m", Grain::kDay, week, session),
              ElementsAre(DateRange{date, date + 2}));
  // Ten minutes are two of these.
  EXPECT_THAT(
      BarBuckets(after, "last_30m", Grain::kDay, week, {absl::Minutes(5), BarAlignment::kSession}),
      IsEmpty());
}

TEST(CalendarDiff, BarsFromTheClockMoveWithTheZoneAndTheCut) {
  CalendarSpec after = Spec();
  after.time_zone = "America/Chicago";
  for (SessionRule& session : after.sessions) {
    session.open.second_of_day -= 3600;
    session.close.second_of_day -= 3600;
  }
  const DateRange monday = Day(CivilDay(2024, 7, 1));
  EXPECT_THAT(Buckets(after, "rth", Grain::kDay, monday), IsEmpty());
  EXPECT_THAT(BarBuckets(after, "rth", Grain::kDay, monday, {absl::Hours(1)}), IsEmpty());
  EXPECT_THAT(BarBuckets(after, "rth", Grain::kDay, monday, {absl::Hours(2)}), ElementsAre(monday));
  // Days that start at half past cut the hour's bar in two, but show it in whole on two dates.
  CalendarSpec evening = Spec();
  evening.sessions.push_back({"evening", {66600, -1}, {70200, -1}});
  EXPECT_THAT(BarBuckets(evening, "rth", Grain::kDay, monday, {absl::Hours(1)}), IsEmpty());
  EXPECT_THAT(Buckets(evening, "rolling_12h", Grain::kHour, monday), ElementsAre(monday));
}

TEST(CalendarDiff, StepsDifferWhereTheirDatesDo) {
  const auto steps = [](const CalendarSpec& after, Grain grain) {
    return ChangedSteps(**Calendar::Create(Spec(), 1), **Calendar::Create(after, 2), grain,
                        {CivilDay(2024, 7, 3), CivilDay(2024, 7, 4)});
  };
  CalendarSpec after = Spec();
  after.sessions.push_back({"evening", {64800, -1}, {68400, -1}});
  after.time_zone = "UTC";
  for (const Grain grain : {Grain::kHour, Grain::kDay, Grain::kWeek, Grain::kMonth}) {
    EXPECT_THAT(steps(after, grain), IsEmpty());
  }
  after.week_start = absl::Weekday::sunday;
  EXPECT_THAT(steps(after, Grain::kWeek),
              ElementsAre(DateRange{CivilDay(2024, 6, 30), CivilDay(2024, 7, 8)}));
  EXPECT_THAT(steps(after, Grain::kMonth), IsEmpty());
  after.last_date = CivilDay(2024, 7, 20);
  EXPECT_THAT(steps(after, Grain::kMonth),
              ElementsAre(DateRange{CivilDay(2024, 7, 1), CivilDay(2024, 8, 1)}));
  EXPECT_THAT(steps(after, Grain::kDay), IsEmpty());
}

TEST(CalendarDiff, DatesThatOneCalendarKnowsDiffer) {
  CalendarSpec after = Spec();
  after.last_date = CivilDay(2024, 12, 20);
  EXPECT_THAT(Dates(after), ElementsAre(DateRange{CivilDay(2024, 12, 21), kYear.end}));
  EXPECT_THAT(Buckets(after, "full_day", Grain::kDay),
              ElementsAre(DateRange{CivilDay(2024, 12, 21), kYear.end}));
  // December is not known in whole any more.
  EXPECT_THAT(Buckets(after, "full_day", Grain::kMonth),
              ElementsAre(DateRange{CivilDay(2024, 12, 1), kYear.end}));
}

TEST(CalendarDiff, AnotherWeekStartChangesWeeksAlone) {
  CalendarSpec after = Spec();
  after.week_start = absl::Weekday::sunday;
  EXPECT_THAT(Dates(after), IsEmpty());
  EXPECT_THAT(Buckets(after, "rth", Grain::kDay), IsEmpty());
  EXPECT_THAT(Buckets(after, "rth", Grain::kWeek, Day(CivilDay(2024, 7, 3))),
              ElementsAre(DateRange{CivilDay(2024, 6, 30), CivilDay(2024, 7, 8)}));
}

TEST(CalendarDiff, AWindowWithoutItsSessionDiffersEverywhere) {
  CalendarSpec after = Spec();
  after.sessions.pop_back();
  EXPECT_THAT(Buckets(after, "pre", Grain::kDay), ElementsAre(kYear));
  EXPECT_THAT(Buckets(after, "first_30m of pre", Grain::kMonth, Day(CivilDay(2024, 7, 4))),
              ElementsAre(DateRange{CivilDay(2024, 7, 1), CivilDay(2024, 8, 1)}));
  EXPECT_THAT(Buckets(after, "rth", Grain::kDay), IsEmpty());
}

TEST(CalendarDiff, NoDatesDoNotDiffer) {
  CalendarSpec after = Spec();
  after.time_zone = "UTC";
  EXPECT_THAT(Buckets(after, "rth", Grain::kDay, {kYear.start, kYear.start}), IsEmpty());
}

}  // namespace
}  // namespace metricstore::calendar
