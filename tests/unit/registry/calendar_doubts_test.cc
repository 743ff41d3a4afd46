// What is doubtful in calendars that are not wrong.

#include "registry_service/catalog/validation/calendar_doubts.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "registry_service/catalog/validation/definition_check.h"
#include "registry_service/catalog/yaml/definition_files.h"
#include "tests/testing/matchers.h"

namespace metricstore::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kHead[] = R"(kind: calendar
name: X
description: d
time_zone: America/New_York
first_date: 2020-01-01
last_date: 2024-12-31
open_days: [mon, tue, wed, thu, fri]
sessions:
  - {name: rth, open: "09:30", close: "16:00"}
  - {name: post, open: "16:00", close: "20:00"}
)";  // then line 11

// "line field: message" of each doubt; the reason is checked apart.
std::vector<std::string> Doubts(const std::string& tail, const std::string& reason) {
  Faults faults;
  const std::vector<DefinitionFile> files = {{"c.yaml", kHead + tail}};
  Definitions definitions = ReadDefinitions(files, faults);
  CheckCalendars(definitions, faults);
  EXPECT_OK(faults.ToStatus());
  std::vector<std::string> lines;
  for (const Finding& doubt : CalendarDoubts(definitions.calendars.at(0))) {
    EXPECT_EQ(doubt.severity, Severity::kWarning);
    EXPECT_EQ(doubt.reason, reason);
    lines.push_back(absl::StrCat(doubt.line, " ", doubt.field, ": ", doubt.message));
  }
  return lines;
}
std::vector<std::string> Dates(const std::string& tail) { return Doubts(tail, "DATES_DOUBTFUL"); }
std::vector<std::string> Hours(const std::string& tail) { return Doubts(tail, "HOURS_DOUBTFUL"); }

TEST(CalendarDoubts, OfDatesThatTheCalendarDoesNotKnow) {
  EXPECT_THAT(
      Dates("holidays:\n"
            "  - {name: Old, on: {dates: [2018-01-05, 2019-01-05, 2021-01-05]}}\n"
            "  - {name: Late, on: {month: 6, day: 19, first_year: 2030}}\n"
            "  - {name: Plain, on: {month: 6, day: 19}}\n"
            "special_hours:\n"
            "  - {name: Eve, on: {date: 2025-07-03}, early_close: \"13:00\"}\n"),
      ElementsAre("12 holidays[0].on: \"Old\": 2018-01-05 (and 1 more) is not one of the "
                  "calendar's dates, 2020-01-01 to 2024-12-31",
                  "13 holidays[1].on: \"Late\": the rule gives none of the calendar's dates, "
                  "2020-01-01 to 2024-12-31",
                  "16 special_hours[0].on: \"Eve\": 2025-07-03 is not one of the calendar's "
                  "dates, 2020-01-01 to 2024-12-31"));
}

TEST(CalendarDoubts, OfDatesThatAreNamedTwice) {
  EXPECT_THAT(Dates("holidays:\n"
                    "  - {name: Christmas, on: {month: 12, day: 25}}\n"
                    "  - {name: Xmas, on: {dates: [2023-12-25, 2024-12-25]}}\n"),
              ElementsAre("13 holidays[1].on: \"Xmas\": 2023-12-25 is a date of holidays[0] "
                          "\"Christmas\" too"));
  // Rules meet by nature, and other sessions are another matter.
  EXPECT_THAT(Dates("holidays:\n"
                    "  - {name: A, on: {month: 5, day: 1}}\n"
                    "  - {name: B, on: {month: 5, weekday: wed, n: 1}}\n"
                    "  - {name: C, on: {date: 2024-06-03}, sessions: [rth]}\n"
                    "  - {name: D, on: {date: 2024-06-03}, sessions: [post]}\n"),
              IsEmpty());
  EXPECT_THAT(Dates("special_hours:\n"
                    "  - {name: A, on: {date: 2024-06-03}, early_close: \"13:00\"}\n"
                    "  - {name: B, on: {date: 2024-06-03}, late_open: \"10:00\"}\n"
                    "  - {name: C, on: {date: 2024-06-03}, early_close: \"14:00\"}\n"),
              ElementsAre("14 special_hours[2].on: \"C\": 2024-06-03 is a date of "
                          "special_hours[0] \"A\" too"));
}

TEST(CalendarDoubts, OfListsOutOfOrder) {
  EXPECT_THAT(Dates("holidays:\n"
                    "  - name: Moon\n"
                    "    on:\n"
                    "      dates: [2021-01-05, 2023-01-05, 2022-01-05]\n"),
              ElementsAre("14 holidays[0].on.dates: holidays[0].on.dates are out of order: "
                          "2022-01-05 follows 2023-01-05"));
}

TEST(CalendarDoubts, OfHoursThatChangeNothing) {
  EXPECT_THAT(
      Hours("special_hours:\n"
            "  - {name: Late, on: {date: 2024-07-03}, early_close: \"17:00\", sessions: [rth]}\n"
            "  - {name: Early, on: {date: 2024-07-05}, late_open: \"09:00\"}\n"
            "  - {name: Weekend, on: {dates: [2024-07-06, 2024-07-08]}, early_close: \"13:00\"}\n"
            "  - {name: None, on: {date: 2024-07-09}, early_close: \"09:00\"}\n"),
      ElementsAre("12 special_hours[0]: \"Late\": early_close 17:00 is not before the close of "
                  "rth, 16:00, on 2024-07-03",
                  "13 special_hours[1]: \"Early\": late_open 09:00 is not after the open of rth, "
                  "09:30, on 2024-07-05",
                  "14 special_hours[2]: \"Weekend\": there is no session to cut on 2024-07-06",
                  "15 special_hours[3]: \"None\": early_close 09:00 is not after the open of rth, "
                  "09:30, on 2024-07-09"));
}

TEST(CalendarDoubts, AreNoneOfRulesThatFallOnClosedDaysNowAndThen) {
  EXPECT_THAT(Hours("holidays:\n"
                    "  - {name: Christmas, on: {month: 12, day: 25}}\n"
                    "special_hours:\n"
                    "  - {name: Eve, on: {month: 12, day: 24}, early_close: \"13:00\"}\n"
                    "  - {name: Slow, on: {date: 2024-06-03}, early_close: \"15:00\"}\n"),
              IsEmpty());
  EXPECT_THAT(Hours("holidays:\n"
                    "  - {name: Christmas, on: {month: 12, day: 25}}\n"
                    "special_hours:\n"
                    "  - {name: Day, on: {month: 12, day: 25}, early_close: \"13:00\"}\n"),
              ElementsAre("14 special_hours[0]: \"Day\": there is no session to cut on "
                          "2020-12-25 (and 4 more)"));
}

TEST(CalendarDoubts, AreNoneOfThePacks) {
  std::vector<DefinitionFile> files;
  for (const char* const pack : {"market", "business"}) {
    const auto folder = std::filesystem::path(PACKS_DIR) / pack / "calendars";
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      std::ifstream file(entry.path(), std::ios::binary);
      files.push_back({entry.path().string(), {std::istreambuf_iterator<char>(file), {}}});
    }
  }
  Faults faults;
  const Definitions definitions = ReadDefinitions(files, faults);
  EXPECT_OK(faults.ToStatus());
  EXPECT_GE(definitions.calendars.size(), 8u);
  for (const auto& located : definitions.calendars) {
    for (const Finding& doubt : CalendarDoubts(located)) {
      ADD_FAILURE() << located.path << ":" << doubt.line << " " << doubt.message;
    }
  }
}

}  // namespace
}  // namespace metricstore::registry
