#include "common/calendar/spec_check.h"

#include "common/calendar/calendar.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/matchers.h"

namespace metricstore::calendar {
namespace {

using absl::CivilDay;
using absl::Weekday;
using testing::HasMetadata;
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

void AddBreak(CalendarSpec& spec, LocalTime start, LocalTime end) {
  spec.sessions[0].breaks.push_back({start, end});
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
    {"sessions[0].name", [](CalendarSpec& s) { s.sessions[0].name = "last_x"; }},
    {"sessions[0].name", [](CalendarSpec& s) { s.sessions[0].name = "rolling_"; }},
    {"sessions[0].name", [](CalendarSpec& s) { s.sessions[0].name = "previous"; }},
    {"sessions[0].name", [](CalendarSpec& s) { s.sessions[0].name = "previous_2"; }},
    {"sessions[0].name", [](CalendarSpec& s) { s.sessions[0].name = "week_to_date"; }},
    {"sessions[0].name", [](CalendarSpec& s) { s.sessions[0].name = std::string(64, 'a'); }},
    {"sessions[1].name", [](CalendarSpec& s) { s.sessions[1].name = "rth"; }},
    {"sessions[0].close", [](CalendarSpec& s) { s.sessions[0].close = At(9, 30); }},
    {"sessions[0].open", [](CalendarSpec& s) { s.sessions[0].open = At(25, 0); }},
    {"sessions[0].open", [](CalendarSpec& s) { s.sessions[0].open = At(9, 0, -2); }},
    {"sessions",
     [](CalendarSpec& s) {
       s.sessions.push_back({"x", At(3, 0, -1), At(4, 0)});
     }},
    {"sessions", [](CalendarSpec& s) { s.sessions.resize(201, s.sessions[0]); }},
    {"sessions[0].open",
     [](CalendarSpec& s) {
       s.sessions[0].open = {0, 1 << 30};
     }},
    {"sessions[0].last_date",
     [](CalendarSpec& s) {
       s.sessions[0].first_date = CivilDay(2020, 1, 2);
       s.sessions[0].last_date = CivilDay(2020, 1, 1);
     }},
    {"sessions[0].first_date",
     [](CalendarSpec& s) { s.sessions[0].first_date = CivilDay(1899, 12, 31); }},
    {"sessions[0].breaks[0].start", [](CalendarSpec& s) { AddBreak(s, At(9, 30), At(10, 0)); }},
    {"sessions[0].breaks[0].start", [](CalendarSpec& s) { AddBreak(s, At(9, 0), At(10, 0)); }},
    {"sessions[0].breaks[0].end", [](CalendarSpec& s) { AddBreak(s, At(15, 0), At(16, 0)); }},
    {"sessions[0].breaks[0].end", [](CalendarSpec& s) { AddBreak(s, At(12, 0), At(12, 0)); }},
    {"sessions[0].breaks[0].end", [](CalendarSpec& s) { AddBreak(s, At(12, 0), At(25, 0)); }},
    {"sessions[0].breaks[1].start",
     [](CalendarSpec& s) {
       AddBreak(s, At(12, 0), At(13, 0));
       AddBreak(s, At(13, 0), At(14, 0));
     }},
    {"sessions[0].breaks[1].start",
     [](CalendarSpec& s) {
       AddBreak(s, At(13, 0), At(14, 0));
       AddBreak(s, At(11, 0), At(12, 0));
     }},
    // In effect together on one day of the week, and on one date.
    {"sessions[1].name",
     [](CalendarSpec& s) {
       s.sessions[1].name = "rth";
       s.sessions[0].days = {Weekday::monday, Weekday::friday};
       s.sessions[1].days = {Weekday::friday};
     }},
    {"sessions[1].name",
     [](CalendarSpec& s) {
       s.sessions[1].name = "rth";
       s.sessions[0].last_date = CivilDay(2024, 7, 1);
       s.sessions[1].first_date = CivilDay(2024, 7, 1);
     }},
    {"holidays[0].sessions",
     [](CalendarSpec& s) {
       s.holidays = {{"H", MonthDay(7, 3), {"rth", "post"}}};
     }},
    {"holidays[0].on.dates",
     [](CalendarSpec& s) {
       s.holidays = {{"H", DateRule{DateRule::Dates{}}}};
     }},
    {"holidays[0].on.dates",
     [](CalendarSpec& s) {
       s.holidays = {
           {"H", DateRule{DateRule::Dates{{CivilDay(2020, 1, 2), CivilDay(2020, 1, 2)}}}}};
     }},
    {"holidays[0].on.dates",
     [](CalendarSpec& s) {
       s.holidays = {
           {"H", DateRule{DateRule::Dates{{CivilDay(2020, 1, 2), CivilDay(2020, 1, 1)}}}}};
     }},
    {"holidays[0].on.observed",
     [](CalendarSpec& s) {
       s.holidays = {{"H", DateRule{DateRule::Dates{{CivilDay(2020, 1, 2)}}}}};
       s.holidays[0].on.observance = Observance::kWeekendToFriday;
     }},
    {"special_sessions[0].session",
     [](CalendarSpec& s) {
       s.special_sessions = {{"S", MonthDay(7, 3), "post", At(13, 0), At(17, 0), {}}};
     }},
    {"special_sessions[0].close",
     [](CalendarSpec& s) {
       s.special_sessions = {{"S", MonthDay(7, 3), "rth", At(13, 0), At(13, 0), {}}};
     }},
    {"special_sessions[0].breaks[0].end",
     [](CalendarSpec& s) {
       s.special_sessions = {
           {"S", MonthDay(7, 3), "rth", At(9, 0), At(13, 0), {{At(12, 0), At(13, 0)}}}};
     }},
    {"special_sessions[0].on",
     [](CalendarSpec& s) {
       s.special_sessions = {{"S", MonthDay(2, 30), "rth", At(9, 0), At(13, 0), {}}};
     }},
    // Outside of the trade date, which starts at midnight.
    {"special_sessions[0].open",
     [](CalendarSpec& s) {
       s.special_sessions = {{"S", MonthDay(7, 3), "rth", At(23, 0, -1), At(13, 0), {}}};
     }},
    {"special_sessions[0].close",
     [](CalendarSpec& s) {
       s.special_sessions = {{"S", MonthDay(7, 3), "rth", At(13, 0), At(0, 30, 1), {}}};
     }},
    // July 4 of 2023 is the first Tuesday.
    {"special_sessions[1].on",
     [](CalendarSpec& s) {
       s.special_sessions = {{"S", MonthDay(7, 4), "rth", At(9, 0), At(13, 0), {}},
                             {"T",
                              DateRule{DateRule::NthWeekday{7, Weekday::tuesday, 1}},
                              "rth",
                              At(9, 0),
                              At(14, 0),
                              {}}};
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
    {"holidays[0].on.dates",
     [](CalendarSpec& s) {
       s.holidays = {{"H", DateRule{DateRule::Dates{{CivilDay(1, 1, 1)}}}}};
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

TEST(CheckSpec, EachFaultNamesItsField) {
  for (const Fault& fault : kFaults) {
    CalendarSpec spec = Spec();
    fault.make(spec);
    const auto calendar = Calendar::Create(spec, 1);
    EXPECT_THAT(calendar, StatusIs(absl::StatusCode::kInvalidArgument, "DEFINITION_INVALID"))
        << fault.field;
    EXPECT_THAT(calendar, ViolatesField(fault.field));
  }
}

TEST(CheckSpec, AllFaultsAreToldAtOnce) {
  CalendarSpec spec = Spec();
  spec.time_zone = "Nowhere";
  spec.sessions[1].close = At(4, 0);
  spec.special_sessions = {{"S", MonthDay(7, 3), "rth", At(9, 0), At(13, 0), {}},
                           {"S", MonthDay(7, 3), "rth", At(9, 0), At(13, 0), {}}};
  const auto calendar = Calendar::Create(spec, 1);
  EXPECT_THAT(calendar, ViolatesField("time_zone"));
  EXPECT_THAT(calendar, ViolatesField("sessions[1].close"));
  EXPECT_THAT(calendar, ViolatesField("special_sessions[1].on"));
  EXPECT_THAT(calendar, HasMetadata("field", "time_zone"));
}

TEST(CheckSpec, RulesOfOneNameMayShareDaysOrDatesButNotBoth) {
  CalendarSpec spec = Spec();
  spec.sessions[1].name = "rth";
  spec.sessions[0].days = {Weekday::monday};
  spec.sessions[1].days = {Weekday::tuesday};
  EXPECT_OK(CheckSpec(spec));
  spec.sessions[1].days = {Weekday::monday};
  spec.sessions[0].last_date = CivilDay(2024, 7, 1);
  spec.sessions[1].first_date = CivilDay(2024, 7, 2);
  EXPECT_OK(CheckSpec(spec));
  // Both are in effect from Monday to Sunday, but on no common day of the week.
  spec.sessions[0].last_date = CivilDay(2024, 7, 7);
  spec.sessions[1].days = {Weekday::tuesday};
  EXPECT_OK(CheckSpec(spec));
  // From Tuesday to Friday there is no Monday.
  spec.sessions[0].last_date = CivilDay(2024, 7, 5);
  spec.sessions[1].days = {Weekday::monday};
  EXPECT_OK(CheckSpec(spec));
}

TEST(CheckSpec, TwoSessionsOfOneNameAreNamedWithADateOfTheCalendar) {
  CalendarSpec spec = Spec();
  spec.sessions[1].name = "rth";
  const absl::Status checked = CheckSpec(spec);
  EXPECT_THAT(checked, ViolatesField("sessions[1].name"));
  EXPECT_THAT(std::string(checked.message()),
              ::testing::HasSubstr("sessions[0] is named \"rth\" too, and both are in effect on "
                                   "2012-01-02"));
}

TEST(CheckSpec, SpecialSessionsOfDifferentSessionsMayShareADate) {
  CalendarSpec spec = Spec();
  spec.special_sessions = {{"S", MonthDay(7, 3), "rth", At(9, 0), At(13, 0), {}},
                           {"S", MonthDay(7, 3), "pre", At(9, 0), At(13, 0), {}},
                           {"T", MonthDay(7, 4), "rth", At(0, 0), At(24, 0), {}}};
  EXPECT_OK(CheckSpec(spec));
}

TEST(CheckSpec, TheNearestNameIsOfferedForATimeZoneThatIsNone) {
  const std::pair<const char*, const char*> meant[] = {{"America/New_Yrok", "America/New_York"},
                                                       {"america/new_york", "America/New_York"},
                                                       {"Asia/Hong Kong", "Asia/Hong_Kong"},
                                                       {"US/Estern", "US/Eastern"},  // a link
                                                       {"UCT+1", ""},
                                                       {"nowhere near", ""}};
  for (const auto& [given, expected] : meant) {
    CalendarSpec spec = Spec();
    spec.time_zone = given;
    const std::string message(CheckSpec(spec).message());
    const std::string hint = absl::StrCat("; did you mean \"", expected, "\"?");
    EXPECT_THAT(message, ::testing::EndsWith(*expected == '\0' ? "IANA time zone" : hint)) << given;
  }
}

TEST(CheckSpec, HostileNamesGiveShortErrors) {
  CalendarSpec spec = Spec();
  spec.time_zone = std::string(1 << 20, 'x');
  spec.special_hours = {
      {"E", MonthDay(7, 3), At(13, 0), std::nullopt, {std::string(1 << 20, 'y')}}};
  const absl::Status checked = CheckSpec(spec);
  EXPECT_THAT(checked, ViolatesField("time_zone"));
  EXPECT_THAT(checked, ViolatesField("special_hours[0].sessions"));
  EXPECT_LE(checked.message().size(), status::kMaxMessageBytes);
}

}  // namespace
}  // namespace metricstore::calendar
