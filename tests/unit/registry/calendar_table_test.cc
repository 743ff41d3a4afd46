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
        Case{"NoRule", CalendarWith(9, "holidays: [{name: X}]"), "DEFINITION_INVALID", 9,
             "holidays[0].on is required"}),
    CaseName);

}  // namespace
}  // namespace metricstore::registry
