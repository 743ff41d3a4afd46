#include "common/calendar/calendar.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/matchers.h"

namespace metricstore::calendar {
namespace {

using absl::CivilDay;
using absl::Weekday;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

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
  EXPECT_FALSE((*calendar)->SessionOn(CivilDay(2024, 7, 1), "post").has_value());
}

TEST(Calendar, ClosedAndUnknownDatesHaveNoSessions) {
  CalendarSpec spec = Spec();
  spec.holidays = {{"Independence Day", MonthDay(7, 4)}};
  const auto calendar = Calendar::Create(spec, 1);
  ASSERT_OK(calendar);
  EXPECT_THAT((*calendar)->SessionsOn(CivilDay(2024, 7, 6)), IsEmpty());
  EXPECT_THAT((*calendar)->SessionsOn(CivilDay(2024, 7, 4)), IsEmpty());
  EXPECT_THAT((*calendar)->NotesOn(CivilDay(2024, 7, 4)), ElementsAre("Independence Day"));
  EXPECT_THAT((*calendar)->NotesOn(CivilDay(2024, 7, 5)), IsEmpty());
  EXPECT_FALSE((*calendar)->Knows(CivilDay(2028, 1, 3)));
  EXPECT_THAT((*calendar)->SessionsOn(CivilDay(2028, 1, 3)), IsEmpty());
}

TEST(Calendar, HolidayObservedAcrossTheYearsEndIsSeen) {
  CalendarSpec spec = Spec();
  spec.holidays = {{"New Year's Day", MonthDay(1, 1, Observance::kNearestWeekday)}};
  // The rule's year, 2028, is not one of the calendar's.
  const auto calendar = Calendar::Create(spec, 1);
  ASSERT_OK(calendar);
  EXPECT_THAT((*calendar)->NotesOn(CivilDay(2027, 12, 31)), ElementsAre("New Year's Day"));
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
  EXPECT_EQ(FormatInstant(rth->range.start), "2024-07-03T14:00:00Z");
  EXPECT_EQ(FormatInstant(rth->range.end), "2024-07-03T17:00:00Z");
  EXPECT_TRUE((*calendar)->SessionOn(CivilDay(2024, 7, 3), "pre").has_value());
}

TEST(Calendar, ASessionWhoseFirstPieceTheClockSkipsOpensWithTheNext) {
  CalendarSpec spec = Spec();
  spec.open_days = {Weekday::sunday};
  spec.sessions = {{"a", At(2, 15), At(5, 0), {{At(2, 45), At(4, 0)}}},
                   {"b", At(2, 30), At(3, 30)}};
  const auto calendar = Calendar::Create(spec, 1);
  ASSERT_OK(calendar);
  // On 2024-03-10 there is nothing between 02:00 and 03:00.
  for (const auto& [day, first] : {std::pair(3, "a"), std::pair(10, "b")}) {
    const auto sessions = (*calendar)->SessionsOn(CivilDay(2024, 3, day));
    ASSERT_EQ(sessions.size(), 2u);
    EXPECT_EQ(sessions[0].name, first);
  }
  EXPECT_EQ(FormatInstant((*calendar)->SessionOn(CivilDay(2024, 3, 10), "a")->range.start),
            "2024-03-10T08:00:00Z");
}

TEST(Calendar, NotesTellEachNameOnce) {
  CalendarSpec spec = Spec();
  spec.holidays = {{"Hurricane", DateRule{DateRule::Dates{{CivilDay(2024, 7, 3)}}}, {"pre"}}};
  spec.special_hours = {{"Eve", MonthDay(7, 3), At(13, 0), std::nullopt, {"rth"}},
                        {"Eve", MonthDay(7, 3), At(9, 0), std::nullopt, {"pre"}}};
  spec.special_sessions = {{"Moved", MonthDay(7, 3), "pre", At(8, 0), At(9, 0), {}}};
  const auto calendar = Calendar::Create(spec, 1);
  ASSERT_OK(calendar);
  EXPECT_THAT((*calendar)->NotesOn(CivilDay(2024, 7, 3)), ElementsAre("Hurricane", "Eve", "Moved"));
}

TEST(Calendar, RulesOfOneNameAreOneSession) {
  CalendarSpec spec = Spec();
  spec.sessions[0].last_date = CivilDay(2020, 12, 31);
  spec.sessions.push_back({"rth", At(9, 0), At(16, 0)});
  spec.sessions[2].first_date = CivilDay(2021, 1, 1);
  const auto calendar = Calendar::Create(spec, 1);
  ASSERT_OK(calendar);
  EXPECT_THAT((*calendar)->SessionNames(), ElementsAre("rth", "pre"));
  EXPECT_EQ(FormatInstant((*calendar)->SessionOn(CivilDay(2020, 12, 31), "rth")->range.start),
            "2020-12-31T14:30:00Z");
  EXPECT_EQ(FormatInstant((*calendar)->SessionOn(CivilDay(2021, 1, 4), "rth")->range.start),
            "2021-01-04T14:00:00Z");
}

CalendarSpec Globex() {
  CalendarSpec spec = Spec();
  spec.time_zone = "America/Chicago";
  spec.sessions = {{"globex", At(17, 0, -1), At(16, 0)}, {"rth", At(8, 30), At(15, 0)}};
  spec.sessions[0].breaks = {{At(15, 15), At(15, 30)}};
  spec.holidays = {{"Closed", MonthDay(7, 4)}};
  return spec;
}

TEST(TradeDate, IsThatOfTheOpenSession) {
  const auto created = Calendar::Create(Globex(), 1);
  ASSERT_OK(created);
  const Calendar& calendar = **created;
  const auto at = [&](int day, int hour, int minute) {
    return absl::FromCivil(absl::CivilMinute(2024, 7, day, hour, minute), calendar.zone());
  };
  EXPECT_EQ(calendar.extent_start_seconds(), -7 * 3600);
  // Sunday evening is Monday's; rth lies inside globex.
  EXPECT_EQ(calendar.TradeDateAt(at(7, 17, 0)), CivilDay(2024, 7, 8));
  EXPECT_EQ(calendar.TradeDateAt(at(7, 16, 59)), std::nullopt);
  EXPECT_EQ(calendar.TradeDateAt(at(8, 10, 0)), CivilDay(2024, 7, 8));
  // In the break, and at the close, there is none.
  EXPECT_EQ(calendar.TradeDateAt(at(8, 15, 15)), std::nullopt);
  EXPECT_EQ(calendar.TradeDateAt(at(8, 15, 30)), CivilDay(2024, 7, 8));
  EXPECT_EQ(calendar.TradeDateAt(at(8, 16, 0)), std::nullopt);
  // The holiday's own evening before is closed, its evening is the next date's.
  EXPECT_EQ(calendar.TradeDateAt(at(3, 18, 0)), std::nullopt);
  EXPECT_EQ(calendar.DateAt(at(3, 18, 0)), CivilDay(2024, 7, 4));
  EXPECT_EQ(calendar.TradeDateAt(at(4, 18, 0)), CivilDay(2024, 7, 5));
}

TEST(TradeDate, OutsideOfTheCalendarThereIsNone) {
  const auto created = Calendar::Create(Globex(), 1);
  ASSERT_OK(created);
  const Calendar& calendar = **created;
  const absl::Time before = absl::FromCivil(absl::CivilHour(2011, 12, 28, 10), calendar.zone());
  EXPECT_EQ(calendar.TradeDateAt(before), std::nullopt);
  EXPECT_EQ(calendar.DateAt(before), CivilDay(2011, 12, 28));
  for (const absl::Time far :
       {absl::InfinitePast(), absl::InfiniteFuture(), absl::FromUnixSeconds(int64_t{1} << 60)}) {
    EXPECT_EQ(calendar.TradeDateAt(far), std::nullopt);
  }
  EXPECT_LT(calendar.DateAt(absl::InfinitePast()), CivilDay(1900, 1, 1));
  EXPECT_GT(calendar.DateAt(absl::InfiniteFuture()), CivilDay(2200, 12, 31));
}

}  // namespace
}  // namespace metricstore::calendar
