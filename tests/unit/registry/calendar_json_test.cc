// Calendars as the JSON in which they are stored.

#include "registry_service/calendars/calendar_json.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "registry_service/catalog/yaml/definition_export.h"
#include "tests/testing/matchers.h"

namespace metricstore::registry {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// What the first release stored, byte for byte.
constexpr char kFirstRelease[] =
    R"json({"name":"XNYS","description":"New York.","time_zone":"America/New_York","open_days":[1,2,3,4,5],)json"
    R"json("sessions":[{"name":"rth","open":{"second":34200,"day_offset":0},"close":{"second":57600,"day_offset":0}}],)json"
    R"json("holidays":[{"name":"Storm","on":{"date":"2012-10-29"}},)json"
    R"json({"name":"Christmas","on":{"month":12,"day":25,"observance":1,"first_year":2012}}],)json"
    R"json("special_hours":[{"name":"Eve","on":{"month":12,"day":24,"only_on":[1,2]},)json"
    R"json("early_close":{"second":46800,"day_offset":0},"sessions":["rth"]}],)json"
    R"json("first_date":"2012-01-01","last_date":"2027-12-31"})json";

calendar::CalendarSpec First() {
  const auto spec = CalendarFromJson(kFirstRelease);
  EXPECT_OK(spec);
  return *spec;
}

TEST(CalendarJson, ReadsAndWritesWhatTheFirstReleaseStored) {
  const calendar::CalendarSpec spec = First();
  EXPECT_EQ(CalendarToJson(spec), kFirstRelease);
  EXPECT_EQ(spec.week_start, absl::Weekday::monday);
  EXPECT_TRUE(spec.special_sessions.empty());
  const auto& dates = std::get<calendar::DateRule::Dates>(spec.holidays[0].on.rule).dates;
  EXPECT_THAT(dates, ::testing::ElementsAre(absl::CivilDay(2012, 10, 29)));
}

TEST(CalendarJson, RoundTripsEveryField) {
  calendar::CalendarSpec spec = First();
  spec.week_start = absl::Weekday::sunday;
  spec.sessions[0].breaks = {{{43'200, 0}, {46'800, 0}}};
  spec.sessions[0].days = {absl::Weekday::thursday};
  spec.sessions[0].first_date = absl::CivilDay(2014, 1, 2);
  spec.sessions[0].last_date = absl::CivilDay(2019, 3, 4);
  spec.holidays[0].sessions = {"rth"};
  spec.holidays[0].on.rule =
      calendar::DateRule::Dates{{absl::CivilDay(2012, 10, 29), absl::CivilDay(2012, 10, 30)}};
  spec.holidays[1].on.observance = calendar::Observance::kWeekendToFriday;
  spec.special_sessions = {{"Test",
                            spec.special_hours[0].on,
                            "rth",
                            {36'000, 0},
                            {39'600, 0},
                            {{{37'000, 0}, {38'000, 0}}}}};
  const std::string json = CalendarToJson(spec);
  const auto back = CalendarFromJson(json);
  ASSERT_OK(back);
  EXPECT_EQ(CalendarToJson(*back), json);
  // What YAML shows is all there is.
  EXPECT_EQ(ExportCalendar(*back).content, ExportCalendar(spec).content);
  EXPECT_NE(ExportCalendar(spec).content, ExportCalendar(First()).content);
}

TEST(CalendarJson, SaysWhereTradeDatesStartUnlessAtMidnight) {
  calendar::CalendarSpec spec = First();
  EXPECT_THAT(CalendarToJson(spec), Not(HasSubstr("extent_start_seconds")));
  spec.sessions.push_back({"globex", {64'800, -1}, {61'200, 0}});
  const std::string evening = CalendarToJson(spec);
  EXPECT_THAT(evening, HasSubstr(R"("extent_start_seconds":-21600)"));
  // It follows from the sessions, whatever the text says.
  std::string other = evening;
  other.replace(other.find("-21600"), 6, "-99999");
  const auto back = CalendarFromJson(other);
  ASSERT_OK(back);
  EXPECT_EQ(CalendarToJson(*back), evening);
}

TEST(CalendarJson, AForeignTextIsAnInternalError) {
  for (const char* json : {"[1", "{}", R"({"name":"a"})"}) {
    EXPECT_THAT(CalendarFromJson(json), testing::StatusIs(absl::StatusCode::kInternal)) << json;
  }
}

}  // namespace
}  // namespace metricstore::registry
