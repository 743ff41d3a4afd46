#include "common/calendar/calendar.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/matchers.h"

namespace metricstore::calendar {
namespace {

using absl::CivilDay;
using absl::Weekday;
using ::testing::ElementsAre;
using testing::HasMetadata;
using ::testing::IsEmpty;
using testing::StatusIs;
using testing::ViolatesField;

constexpr LocalTime At(int hours, int minutes, int day_offset = 0) {
  return {hours * 3600 + minutes * 60, day_offset};
}

CalendarSpec Spec() {
  CalendarSpec spec;
  spec.name = "TEST";
  spec.time_zone = "America/New_York";
  spec.open_days = {Weekday::monday, Weekday::tuesday, Weekday::wednesday, Weekday::thursday,
                    Weekday::friday};
  // Not in order of opening.
  spec.sessions = {{"rth", At(9, 30), At(16, 0)}, {"pre", At(4, 0), At(9, 30)}};
  spec.first_date = CivilDay(2012, 1, 1);
  spec.last_date = CivilDay(2027, 12, 31);
  return spec;
}

DateRule MonthDay(int month, int day, Observance observance = Observance::kNone) {
  DateRule rule{DateRule::MonthDay{month, day}};
  rule.observance = observance;
  return rule;
}

TEST(DateRule, FixedDateIsInItsYearOnly) {
  const DateRule rule{DateRule::Fixed{CivilDay(2012, 10, 29)}};
  EXPECT_EQ(rule.DateIn(2012), CivilDay(2012, 10, 29));
  EXPECT_EQ(rule.DateIn(2013), std::nullopt);
}

TEST(DateRule, MonthDaySkipsYearsThatLackIt) {
  EXPECT_EQ(MonthDay(2, 29).DateIn(2024), CivilDay(2024, 2, 29));
  EXPECT_EQ(MonthDay(2, 29).DateIn(2023), std::nullopt);
}

TEST(DateRule, ObservedDatesMoveOffTheWeekend) {
  // Saturday 2020-07-04, Sunday 2021-07-04, Tuesday 2023-07-04.
  const DateRule nearest = MonthDay(7, 4, Observance::kNearestWeekday);
  EXPECT_EQ(nearest.DateIn(2020), CivilDay(2020, 7, 3));
  EXPECT_EQ(nearest.DateIn(2021), CivilDay(2021, 7, 5));
  EXPECT_EQ(nearest.DateIn(2023), CivilDay(2023, 7, 4));
  const DateRule monday = MonthDay(7, 4, Observance::kSundayToMonday);
  EXPECT_EQ(monday.DateIn(2020), CivilDay(2020, 7, 4));
  EXPECT_EQ(monday.DateIn(2021), CivilDay(2021, 7, 5));
}

TEST(DateRule, ObservedDateMayLieInTheYearBefore) {
  // 2022-01-01 is a Saturday.
  EXPECT_EQ(MonthDay(1, 1, Observance::kNearestWeekday).DateIn(2022), CivilDay(2021, 12, 31));
}

TEST(DateRule, NthWeekdayCountsFromEitherEnd) {
  const DateRule thanksgiving{DateRule::NthWeekday{11, Weekday::thursday, 4}};
  EXPECT_EQ(thanksgiving.DateIn(2024), CivilDay(2024, 11, 28));
  // 2018-11-01 is a Thursday itself.
  EXPECT_EQ(thanksgiving.DateIn(2018), CivilDay(2018, 11, 22));
  const DateRule memorial{DateRule::NthWeekday{5, Weekday::monday, -1}};
  EXPECT_EQ(memorial.DateIn(2024), CivilDay(2024, 5, 27));
  EXPECT_EQ(memorial.DateIn(2021), CivilDay(2021, 5, 31));
}

TEST(DateRule, FifthWeekdayIsInSomeMonthsOnly) {
  const DateRule rule{DateRule::NthWeekday{2, Weekday::thursday, 5}};
  EXPECT_EQ(rule.DateIn(2024), CivilDay(2024, 2, 29));
  EXPECT_EQ(rule.DateIn(2023), std::nullopt);
}

TEST(DateRule, EasterFallsWhereTheChurchSays) {
  const DateRule easter{DateRule::EasterOffset{0}};
  const CivilDay known[] = {CivilDay(1900, 4, 15), CivilDay(1954, 4, 18), CivilDay(1961, 4, 2),
                            CivilDay(1981, 4, 19), CivilDay(2008, 3, 23), CivilDay(2011, 4, 24),
                            CivilDay(2012, 4, 8),  CivilDay(2024, 3, 31), CivilDay(2025, 4, 20),
                            CivilDay(2038, 4, 25), CivilDay(2049, 4, 18), CivilDay(2200, 4, 6)};
  for (const CivilDay day : known) {
    EXPECT_EQ(easter.DateIn(static_cast<int>(day.year())), day) << day;
  }
  EXPECT_EQ((DateRule{DateRule::EasterOffset{-2}}).DateIn(2024), CivilDay(2024, 3, 29));
}

TEST(DateRule, OffsetYearsAndWeekdaysNarrowIt) {
  DateRule rule{DateRule::NthWeekday{11, Weekday::thursday, 4}};
  rule.offset_days = 1;
  rule.first_year = 2020;
  rule.last_year = 2021;
  EXPECT_EQ(rule.DateIn(2019), std::nullopt);
  EXPECT_EQ(rule.DateIn(2020), CivilDay(2020, 11, 27));
  EXPECT_EQ(rule.DateIn(2022), std::nullopt);
  DateRule eve = MonthDay(12, 24);
  eve.only_on = {Weekday::monday, Weekday::tuesday};
  EXPECT_EQ(eve.DateIn(2024), CivilDay(2024, 12, 24));
  EXPECT_EQ(eve.DateIn(2025), std::nullopt);
}

TEST(Calendar, SessionsComeInOrderOfOpening) {
  const auto calendar = Calendar::Create(Spec(), 3);
  ASSERT_OK(calendar);
  EXPECT_EQ((*calendar)->version(), 3);
  std::vector<std::string> names;
  for (const Session& session : (*calendar)->SessionsOn(CivilDay(2024, 7, 1))) {
    names.emplace_back(session.name);
  }
  EXPECT_THAT(names, ElementsAre("pre", "rth"));
  EXPECT_TRUE((*calendar)->HasSession("pre"));
  EXPECT_FALSE((*calendar)->HasSession("post"));
  EXPECT_EQ((*calendar)->SessionOn(CivilDay(2024, 7, 1), "post"), std::nullopt);
}

TEST(Calendar, ClosedAndUnknownDatesHaveNoSessions) {
  CalendarSpec spec = Spec();
  spec.holidays = {{"Independence Day", MonthDay(7, 4)}};
  const auto calendar = Calendar::Create(spec, 1);
  ASSERT_OK(calendar);
  EXPECT_THAT((*calendar)->SessionsOn(CivilDay(2024, 7, 6)), IsEmpty());
  EXPECT_THAT((*calendar)->SessionsOn(CivilDay(2024, 7, 4)), IsEmpty());
  EXPECT_EQ((*calendar)->HolidayOn(CivilDay(2024, 7, 4)), "Independence Day");
  EXPECT_EQ((*calendar)->HolidayOn(CivilDay(2024, 7, 5)), std::nullopt);
  EXPECT_FALSE((*calendar)->Knows(CivilDay(2028, 1, 3)));
  EXPECT_THAT((*calendar)->SessionsOn(CivilDay(2028, 1, 3)), IsEmpty());
}

TEST(Calendar, HolidayObservedAcrossTheYearsEndIsSeen) {
  CalendarSpec spec = Spec();
  spec.holidays = {{"New Year's Day", MonthDay(1, 1, Observance::kNearestWeekday)}};
  // The rule's year, 2028, is not one of the calendar's.
  const auto calendar = Calendar::Create(spec, 1);
  ASSERT_OK(calendar);
  EXPECT_EQ((*calendar)->HolidayOn(CivilDay(2027, 12, 31)), "New Year's Day");
}

TEST(Calendar, HolidayWinsOverSpecialHours) {
  CalendarSpec spec = Spec();
  spec.holidays = {{"Closed", MonthDay(7, 3)}};
  spec.special_hours = {{"Early", MonthDay(7, 3), At(13, 0), std::nullopt, {}}};
  const auto calendar = Calendar::Create(spec, 1);
  ASSERT_OK(calendar);
  EXPECT_THAT((*calendar)->SessionsOn(CivilDay(2024, 7, 3)), IsEmpty());
}

TEST(Calendar, SpecialHoursOfOneDateAddUp) {
  CalendarSpec spec = Spec();
  spec.special_hours = {{"Late", MonthDay(7, 3), std::nullopt, At(10, 0), {"rth"}},
                        {"Early", MonthDay(7, 3), At(13, 0), std::nullopt, {}}};
  const auto calendar = Calendar::Create(spec, 1);
  ASSERT_OK(calendar);
  const auto rth = (*calendar)->SessionOn(CivilDay(2024, 7, 3), "rth");
  ASSERT_TRUE(rth.has_value());
  EXPECT_EQ(FormatInstant(rth->start), "2024-07-03T14:00:00Z");
  EXPECT_EQ(FormatInstant(rth->end), "2024-07-03T17:00:00Z");
  EXPECT_TRUE((*calendar)->SessionOn(CivilDay(2024, 7, 3), "pre").has_value());
}

// One fault of a definition and the field that the error must name.
struct Fault {
  const char* field;
  void (*make)(CalendarSpec& spec);
};

const Fault kFaults[] = {
    {"name", [](CalendarSpec& s) { s.name = ""; }},
    {"time_zone", [](CalendarSpec& s) { s.time_zone = "America/Gotham"; }},
    {"time_zone", [](CalendarSpec& s) { s.time_zone = "/etc/localtime"; }},
    {"time_zone", [](CalendarSpec& s) { s.time_zone = "file:/etc/localtime"; }},
    {"time_zone", [](CalendarSpec& s) { s.time_zone = "../zoneinfo/UTC"; }},
    {"time_zone", [](CalendarSpec& s) { s.time_zone = "localtime"; }},
    {"time_zone", [](CalendarSpec& s) { s.time_zone = ""; }},
    {"open_days", [](CalendarSpec& s) { s.open_days.clear(); }},
    {"last_date", [](CalendarSpec& s) { s.last_date = CivilDay(2011, 12, 31); }},
    {"first_date", [](CalendarSpec& s) { s.first_date = CivilDay(1, 1, 1); }},
    {"last_date", [](CalendarSpec& s) { s.last_date = CivilDay(9999, 1, 1); }},
    {"sessions", [](CalendarSpec& s) { s.sessions.clear(); }},
    {"sessions[0].name", [](CalendarSpec& s) { s.sessions[0].name = "RTH"; }},
    {"sessions[0].name", [](CalendarSpec& s) { s.sessions[0].name = "full_day"; }},
    {"sessions[0].name", [](CalendarSpec& s) { s.sessions[0].name = "first_30m"; }},
    {"sessions[1].name", [](CalendarSpec& s) { s.sessions[1].name = "rth"; }},
    {"sessions[0].close", [](CalendarSpec& s) { s.sessions[0].close = At(9, 30); }},
    {"sessions[0].open", [](CalendarSpec& s) { s.sessions[0].open = At(25, 0); }},
    {"sessions[0].open", [](CalendarSpec& s) { s.sessions[0].open = At(9, 0, -2); }},
    {"sessions",
     [](CalendarSpec& s) {
       s.sessions.push_back({"x", At(3, 0, -1), At(4, 0)});
     }},
    {"holidays[0].on",
     [](CalendarSpec& s) {
       s.holidays = {{"H", MonthDay(2, 30)}};
     }},
    {"holidays[0].on",
     [](CalendarSpec& s) {
       s.holidays = {{"H", MonthDay(13, 1)}};
     }},
    {"holidays[0].on.n",
     [](CalendarSpec& s) {
       s.holidays = {{"H", DateRule{DateRule::NthWeekday{5, Weekday::monday, 6}}}};
     }},
    {"holidays[0].on.month",
     [](CalendarSpec& s) {
       s.holidays = {{"H", DateRule{DateRule::NthWeekday{0, Weekday::monday, 1}}}};
     }},
    {"holidays[0].on.easter",
     [](CalendarSpec& s) {
       s.holidays = {{"H", DateRule{DateRule::EasterOffset{400}}}};
     }},
    {"holidays[0].on.date",
     [](CalendarSpec& s) {
       s.holidays = {{"H", DateRule{DateRule::Fixed{CivilDay(1, 1, 1)}}}};
     }},
    {"holidays[0].on.observed",
     [](CalendarSpec& s) {
       s.holidays = {{"H", DateRule{DateRule::EasterOffset{0}}}};
       s.holidays[0].on.observance = Observance::kNearestWeekday;
     }},
    {"holidays[0].on.offset_days",
     [](CalendarSpec& s) {
       s.holidays = {{"H", MonthDay(1, 1)}};
       s.holidays[0].on.offset_days = 8;
     }},
    {"holidays[0].on.last_year",
     [](CalendarSpec& s) {
       s.holidays = {{"H", MonthDay(1, 1)}};
       s.holidays[0].on.first_year = 2020;
       s.holidays[0].on.last_year = 2019;
     }},
    {"special_hours[0]",
     [](CalendarSpec& s) {
       s.special_hours = {{"E", MonthDay(7, 3)}};
     }},
    {"special_hours[0].sessions",
     [](CalendarSpec& s) {
       s.special_hours = {{"E", MonthDay(7, 3), At(13, 0), std::nullopt, {"post"}}};
     }},
    {"special_hours[0].early_close",
     [](CalendarSpec& s) {
       s.special_hours = {{"E", MonthDay(7, 3), At(13, 0), At(14, 0), {}}};
     }},
};

TEST(Calendar, EachFaultNamesItsField) {
  for (const Fault& fault : kFaults) {
    CalendarSpec spec = Spec();
    fault.make(spec);
    const auto calendar = Calendar::Create(spec, 1);
    EXPECT_THAT(calendar, StatusIs(absl::StatusCode::kInvalidArgument, "DEFINITION_INVALID"))
        << fault.field;
    EXPECT_THAT(calendar, ViolatesField(fault.field));
  }
}

TEST(Calendar, AllFaultsAreToldAtOnce) {
  CalendarSpec spec = Spec();
  spec.time_zone = "Nowhere";
  spec.sessions[1].close = At(4, 0);
  const auto calendar = Calendar::Create(spec, 1);
  EXPECT_THAT(calendar, ViolatesField("time_zone"));
  EXPECT_THAT(calendar, ViolatesField("sessions[1].close"));
  EXPECT_THAT(calendar, HasMetadata("field", "time_zone"));
}

}  // namespace
}  // namespace metricstore::calendar
