// Which calendars are accepted, and where and why the others are refused.

#include <string>

#include "absl/strings/str_cat.h"
#include "tests/unit/registry/definition_cases.h"

namespace metricstore::registry {
namespace {

class CalendarTable : public ::testing::TestWithParam<Case> {};

TEST_P(CalendarTable, IsAcceptedOrRefusedWithReasonAndPlace) { ExpectOutcome(GetParam()); }

INSTANTIATE_TEST_SUITE_P(
    Calendars, CalendarTable,
    ::testing::Values(
        Case{"Plain", CalendarWith(0, ""), ""},
        Case{"Name", CalendarWith(2, "name: 'C M E'"), "DEFINITION_INVALID", 2, "letters"},
        Case{"Zone", CalendarWith(4, "time_zone: America/Chicgo"), "DEFINITION_INVALID", 4},
        Case{"NoFirstDate", CalendarWith(5, ""), "DEFINITION_INVALID", 1, "first_date is required"},
        Case{"BadDate", CalendarWith(6, "last_date: 2024-02-30"), "DEFINITION_INVALID", 6,
             "last_date"},
        Case{"DatesReversed", CalendarWith(6, "last_date: 2019-12-31"), "DEFINITION_INVALID", 6},
        Case{"BadDay", CalendarWith(7, "open_days: [mon, tus]"), "DEFINITION_INVALID", 7, "tue"},
        Case{"DayTwice", CalendarWith(7, "open_days: [mon, mon]"), "DEFINITION_INVALID", 7,
             "twice"},
        Case{"BadTime", CalendarWith(8, "sessions: [{name: rth, open: '9:30', close: '16:00'}]"),
             "DEFINITION_INVALID", 8, "18:00-1d"},
        Case{"SessionReversed",
             CalendarWith(8, "sessions:\n  - {name: rth, open: '16:00', close: '09:30'}"),
             "DEFINITION_INVALID", 9},
        Case{"RuleTwoForms",
             CalendarWith(9, "holidays: [{name: X, on: {date: 2020-01-01, easter: -2}}]"),
             "DEFINITION_INVALID", 9, "one of"},
        Case{"RuleHalf", CalendarWith(9, "holidays: [{name: X, on: {month: 12}}]"),
             "DEFINITION_INVALID", 9, "one of"},
        Case{"RuleKey", CalendarWith(9, "holidays: [{name: X, on: {month: 1, day: 1, yr: 3}}]"),
             "KEY_UNKNOWN", 9, "holidays[0].on.yr"},
        Case{"RuleDates",
             CalendarWith(9, "holidays: [{name: X, on: {dates: [2020-05-01, 2021-05-03]}}]"), ""},
        Case{"RuleDatesKey",
             CalendarWith(9,
                          "holidays:\n  - name: X\n    on:\n      date: 2020-05-01\n      dtes: "
                          "[2021-05-03]"),
             "KEY_UNKNOWN", 13, "did you mean \"dates\"?"},
        Case{"RuleBadDate",
             CalendarWith(9,
                          "holidays:\n  - name: X\n    on:\n      dates:\n        - 2020-05-01\n   "
                          "     - 2020-13-01"),
             "DEFINITION_INVALID", 14, "holidays[0].on.dates[1] must be a date like 2024-03-10"},
        Case{"RuleDatesTwice",
             CalendarWith(9, "holidays: [{name: X, on: {dates: [2020-05-01, 2020-05-01]}}]"),
             "DEFINITION_INVALID", 9, "names 2020-05-01 twice"},
        Case{"RuleNoDates", CalendarWith(9, "holidays: [{name: X, on: {dates: []}}]"),
             "DEFINITION_INVALID", 9, "at least one date is required"},
        Case{"RuleDateAndDates",
             CalendarWith(9, "holidays: [{name: X, on: {date: 2020-05-01, dates: [2020-05-02]}}]"),
             "DEFINITION_INVALID", 9, "one of: date; dates;"},
        Case{"Observed",
             CalendarWith(
                 9, "holidays: [{name: X, on: {month: 5, day: 1, observed: weekend_to_friday}}]"),
             ""},
        Case{"ObservedWord",
             CalendarWith(
                 9, "holidays: [{name: X, on: {month: 5, day: 1, observed: weekend_to_tuesday}}]"),
             "DEFINITION_INVALID", 9, "nearest_weekday, sunday_to_monday, weekend_to_monday"},
        Case{
            "ObservedDates",
            CalendarWith(
                9, "holidays: [{name: X, on: {dates: [2020-05-02], observed: weekend_to_monday}}]"),
            "DEFINITION_INVALID", 9, "goes with month and day only"},
        Case{"WeekStart", CalendarWith(9, "week_start: sun"), ""},
        Case{"WeekStartWord", CalendarWith(9, "week_start: sum"), "DEFINITION_INVALID", 9,
             "did you mean \"sun\"?"},
        Case{"Break",
             CalendarWith(8,
                          "sessions: [{name: rth, open: '09:30', close: '16:00', breaks: [{start: "
                          "'12:00', end: '13:00'}]}]"),
             ""},
        Case{"BreakReversed",
             CalendarWith(8,
                          "sessions:\n  - name: rth\n    open: '09:30'\n    close: '16:00'\n    "
                          "breaks:\n      - {start: '13:00', end: '12:00'}"),
             "DEFINITION_INVALID", 13, "sessions[0].breaks[0].end: is not later than its start"},
        Case{"BreakKey",
             CalendarWith(8,
                          "sessions: [{name: rth, open: '09:30', close: '16:00', breaks: [{start: "
                          "'12:00', edn: '13:00'}]}]"),
             "KEY_UNKNOWN", 8, "did you mean \"end\"?"},
        Case{
            "BreakNoList",
            CalendarWith(
                8, "sessions: [{name: rth, open: '09:30', close: '16:00', breaks: '12:00-13:00'}]"),
            "DEFINITION_INVALID", 8, "sessions[0].breaks must be a list"},
        Case{"Days",
             CalendarWith(
                 8, "sessions: [{name: rth, open: '09:30', close: '16:00', days: [mon, sat]}]"),
             ""},
        Case{"DaysWord",
             CalendarWith(
                 8, "sessions: [{name: rth, open: '09:30', close: '16:00', days: [mon, sta]}]"),
             "DEFINITION_INVALID", 8, "did you mean \"sat\"?"},
        Case{"HoursThatChange",
             CalendarWith(8,
                          "sessions:\n  - {name: rth, open: '09:30', close: '16:00', last_date: "
                          "2022-05-01}\n  - {name: rth, open: '09:30', close: '17:00', first_date: "
                          "2022-05-02}"),
             ""},
        Case{"HoursThatOverlap",
             CalendarWith(8,
                          "sessions:\n  - {name: rth, open: '09:30', close: '16:00', last_date: "
                          "2022-05-02}\n  - {name: rth, open: '09:30', close: '17:00', first_date: "
                          "2022-05-02}"),
             "DEFINITION_INVALID", 10, "both are in effect on 2022-05-02"},
        Case{"HolidayOfASession",
             CalendarWith(9, "holidays: [{name: X, on: {month: 12, day: 25}, sessions: [globex]}]"),
             ""},
        Case{"HolidayOfNoSession",
             CalendarWith(9, "holidays: [{name: X, on: {month: 12, day: 25}, sessions: [rth]}]"),
             "DEFINITION_INVALID", 9, "no session is named \"rth\""},
        Case{"SpecialSession",
             CalendarWith(9,
                          "special_sessions: [{name: X, on: {date: 2020-05-02}, session: globex, "
                          "open: '09:00', close: '10:00'}]"),
             ""},
        Case{"SpecialSessionOfNothing",
             CalendarWith(9,
                          "special_sessions: [{name: X, on: {date: 2020-05-02}, session: rth, "
                          "open: '09:00', close: '10:00'}]"),
             "DEFINITION_INVALID", 9, "special_sessions[0].session"},
        Case{"SpecialSessionHalf",
             CalendarWith(9,
                          "special_sessions: [{name: X, on: {date: 2020-05-02}, open: '09:00', "
                          "close: '10:00'}]"),
             "DEFINITION_INVALID", 9, "special_sessions[0].session is required"},
        Case{"SpecialKey", CalendarWith(9, "special_session: []"), "KEY_UNKNOWN", 9,
             "did you mean \"special_sessions\"?"},
        Case{"NoRule", CalendarWith(9, "holidays: [{name: X}]"), "DEFINITION_INVALID", 9,
             "holidays[0].on is required"}),
    CaseName);

}  // namespace
}  // namespace metricstore::registry
