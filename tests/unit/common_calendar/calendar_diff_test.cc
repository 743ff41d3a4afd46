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
  // The buckets start elsewhere, though they show the same.
  const DateRange monday = Day(CivilDay(2024, 7, 1));
  EXPECT_THAT(Buckets(after, "rth", Grain::kDay, monday), ElementsAre(monday));
  EXPECT_THAT(Buckets(after, "rth", Grain::kHour, monday), IsEmpty());
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
