#include "common/calendar/date_rule.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace metricstore::calendar {
namespace {

using absl::CivilDay;
using absl::Weekday;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

DateRule MonthDay(int month, int day, Observance observance = Observance::kNone) {
  DateRule rule{DateRule::MonthDay{month, day}};
  rule.observance = observance;
  return rule;
}

TEST(DateRule, ListedDatesAreInTheirYearsOnly) {
  const DateRule rule{
      DateRule::Dates{{CivilDay(2012, 10, 29), CivilDay(2012, 10, 30), CivilDay(2018, 12, 5)}}};
  EXPECT_THAT(rule.DatesIn(2012), ElementsAre(CivilDay(2012, 10, 29), CivilDay(2012, 10, 30)));
  EXPECT_THAT(rule.DatesIn(2013), IsEmpty());
  EXPECT_THAT(rule.DatesIn(2018), ElementsAre(CivilDay(2018, 12, 5)));
}

TEST(DateRule, DatesWithinKnowsThoseObservedInANeighbouringYear) {
  // 2022-01-01 is a Saturday.
  EXPECT_THAT(MonthDay(1, 1, Observance::kWeekendToFriday)
                  .DatesWithin(CivilDay(2021, 12, 1), CivilDay(2021, 12, 31)),
              ElementsAre(CivilDay(2021, 12, 31)));
}

TEST(DateRule, MonthDaySkipsYearsThatLackIt) {
  EXPECT_THAT(MonthDay(2, 29).DatesIn(2024), ElementsAre(CivilDay(2024, 2, 29)));
  EXPECT_THAT(MonthDay(2, 29).DatesIn(2023), IsEmpty());
}

TEST(DateRule, ObservedDatesMoveOffTheWeekend) {
  // Saturday 2020-07-04, Sunday 2021-07-04, Tuesday 2023-07-04.
  const DateRule nearest = MonthDay(7, 4, Observance::kNearestWeekday);
  EXPECT_THAT(nearest.DatesIn(2020), ElementsAre(CivilDay(2020, 7, 3)));
  EXPECT_THAT(nearest.DatesIn(2021), ElementsAre(CivilDay(2021, 7, 5)));
  EXPECT_THAT(nearest.DatesIn(2023), ElementsAre(CivilDay(2023, 7, 4)));
  // Both days of the weekend.
  const DateRule friday = MonthDay(7, 4, Observance::kWeekendToFriday);
  EXPECT_THAT(friday.DatesIn(2020), ElementsAre(CivilDay(2020, 7, 3)));
  EXPECT_THAT(friday.DatesIn(2021), ElementsAre(CivilDay(2021, 7, 2)));
  EXPECT_THAT(friday.DatesIn(2023), ElementsAre(CivilDay(2023, 7, 4)));
  const DateRule both = MonthDay(7, 4, Observance::kWeekendToMonday);
  EXPECT_THAT(both.DatesIn(2020), ElementsAre(CivilDay(2020, 7, 6)));
  EXPECT_THAT(both.DatesIn(2021), ElementsAre(CivilDay(2021, 7, 5)));
  const DateRule monday = MonthDay(7, 4, Observance::kSundayToMonday);
  EXPECT_THAT(monday.DatesIn(2020), ElementsAre(CivilDay(2020, 7, 4)));
  EXPECT_THAT(monday.DatesIn(2021), ElementsAre(CivilDay(2021, 7, 5)));
}

TEST(DateRule, ObservedDateMayLieInTheYearBefore) {
  // 2022-01-01 is a Saturday.
  EXPECT_THAT(MonthDay(1, 1, Observance::kNearestWeekday).DatesIn(2022),
              ElementsAre(CivilDay(2021, 12, 31)));
}

TEST(DateRule, NthWeekdayCountsFromEitherEnd) {
  const DateRule thanksgiving{DateRule::NthWeekday{11, Weekday::thursday, 4}};
  EXPECT_THAT(thanksgiving.DatesIn(2024), ElementsAre(CivilDay(2024, 11, 28)));
  // 2018-11-01 is a Thursday itself.
  EXPECT_THAT(thanksgiving.DatesIn(2018), ElementsAre(CivilDay(2018, 11, 22)));
  const DateRule memorial{DateRule::NthWeekday{5, Weekday::monday, -1}};
  EXPECT_THAT(memorial.DatesIn(2024), ElementsAre(CivilDay(2024, 5, 27)));
  EXPECT_THAT(memorial.DatesIn(2021), ElementsAre(CivilDay(2021, 5, 31)));
}

TEST(DateRule, FifthWeekdayIsInSomeMonthsOnly) {
  const DateRule rule{DateRule::NthWeekday{2, Weekday::thursday, 5}};
  EXPECT_THAT(rule.DatesIn(2024), ElementsAre(CivilDay(2024, 2, 29)));
  EXPECT_THAT(rule.DatesIn(2023), IsEmpty());
}

TEST(DateRule, EasterFallsWhereTheChurchSays) {
  const DateRule easter{DateRule::EasterOffset{0}};
  const CivilDay known[] = {CivilDay(1900, 4, 15), CivilDay(1954, 4, 18), CivilDay(1961, 4, 2),
                            CivilDay(1981, 4, 19), CivilDay(2008, 3, 23), CivilDay(2011, 4, 24),
                            CivilDay(2012, 4, 8),  CivilDay(2024, 3, 31), CivilDay(2025, 4, 20),
                            CivilDay(2038, 4, 25), CivilDay(2049, 4, 18), CivilDay(2200, 4, 6)};
  for (const CivilDay day : known) {
    EXPECT_THAT(easter.DatesIn(static_cast<int>(day.year())), ElementsAre(day)) << day;
  }
  EXPECT_THAT((DateRule{DateRule::EasterOffset{-2}}).DatesIn(2024),
              ElementsAre(CivilDay(2024, 3, 29)));
}

TEST(DateRule, OffsetYearsAndWeekdaysNarrowIt) {
  DateRule rule{DateRule::NthWeekday{11, Weekday::thursday, 4}};
  rule.offset_days = 1;
  rule.first_year = 2020;
  rule.last_year = 2021;
  EXPECT_THAT(rule.DatesIn(2019), IsEmpty());
  EXPECT_THAT(rule.DatesIn(2020), ElementsAre(CivilDay(2020, 11, 27)));
  EXPECT_THAT(rule.DatesIn(2022), IsEmpty());
  DateRule eve = MonthDay(12, 24);
  eve.only_on = {Weekday::monday, Weekday::tuesday};
  EXPECT_THAT(eve.DatesIn(2024), ElementsAre(CivilDay(2024, 12, 24)));
  EXPECT_THAT(eve.DatesIn(2025), IsEmpty());
}

}  // namespace
}  // namespace metricstore::calendar
