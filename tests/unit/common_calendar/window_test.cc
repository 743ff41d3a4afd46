#include "common/calendar/window.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/matchers.h"

namespace metricstore::calendar {
namespace {

using absl::CivilDay;
using testing::HasMetadata;
using ::testing::HasSubstr;
using testing::IsOk;
using testing::IsOkAndHolds;
using testing::StatusIs;
using testing::ViolatesField;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

std::shared_ptr<const Calendar> Weekdays() {
  CalendarSpec spec;
  spec.name = "WEEKDAYS";
  spec.time_zone = "America/New_York";
  spec.open_days = {absl::Weekday::monday, absl::Weekday::tuesday, absl::Weekday::wednesday,
                    absl::Weekday::thursday, absl::Weekday::friday};
  spec.sessions = {{"rth", {34200, 0}, {57600, 0}}};
  spec.first_date = CivilDay(2024, 1, 1);
  spec.last_date = CivilDay(2024, 12, 31);
  return *Calendar::Create(spec, 1);
}

Window Edge(WindowKind kind, absl::Duration length, std::string session = "rth") {
  Window window;
  window.kind = kind;
  window.session = std::move(session);
  window.length = length;
  return window;
}

Window Range(int32_t from, int32_t to) {
  Window window;
  window.kind = WindowKind::kRange;
  window.from_second = from;
  window.to_second = to;
  return window;
}

Window SessionWindow(std::string session) {
  Window window;
  window.kind = WindowKind::kSession;
  window.session = std::move(session);
  return window;
}

TEST(ParseWindow, ReadsBases) {
  EXPECT_THAT(ParseWindow("full_day"), IsOkAndHolds(Window{}));
  EXPECT_THAT(ParseWindow("first_30m"), IsOkAndHolds(Edge(WindowKind::kFirst, absl::Minutes(30))));
  EXPECT_THAT(ParseWindow("last_1h30m"), IsOkAndHolds(Edge(WindowKind::kLast, absl::Minutes(90))));
  EXPECT_THAT(ParseWindow("pre"), IsOkAndHolds(SessionWindow("pre")));
}

TEST(ParseWindow, RefusesWhatIsNoWindow) {
  for (const char* text : {"",
                           " ",
                           "RTH",
                           "first_",
                           "first_0m",
                           "last_hour",
                           "9to5",
                           "a-b",
                           "rth ",
                           " of ",
                           "of rth",
                           "rth of globex",
                           "full_day of rth",
                           "first_30m of",
                           "first_30m of RTH",
                           "first_30m of full_day",
                           "first_30m of rth of rth",
                           "first_30m  of rth",
                           "9:30-10:00",
                           "09:30-09:30",
                           "24:00-01:00",
                           "18:00-00:00",
                           "09:60-10:00",
                           "09:30-24:30",
                           "09:30:5-10:00",
                           "09:30-10:00-11:00",
                           "-09:30-10:00",
                           "09:30-10:00 of previous",
                           "rolling_20",
                           "rolling_020_sessions",
                           "rolling_0d",
                           "rolling_-1d",
                           "rolling_+1d",
                           "rolling_d",
                           "rolling_1w",
                           "rolling_1_session",
                           "rolling_20_days",
                           "rolling_9999999999h",
                           "rolling_1 d",
                           "rolling_2d of rolling_3d",
                           "rolling_2d of",
                           "previous_",
                           "previous_0",
                           "previous_01",
                           "previous_1x",
                           "previous of previous",
                           "hour_to_date",
                           "decade_to_date",
                           "_to_date",
                           "month_to_date of month_to_date",
                           "full_day of full_day",
                           "rth\n",
                           "r\xc3\xa4th"}) {
    EXPECT_THAT(ParseWindow(text), StatusIs(kInvalid, "FIELD_INVALID")) << text;
    EXPECT_THAT(ParseWindow(text), ViolatesField("window")) << text;
  }
}

TEST(ParseWindow, NumbersThatNoWindowHasAreToldTheirBounds) {
  const std::pair<const char*, const char*> cases[] = {
      {"first_0m", "the length of a first or last window is 1s to 24h"},
      {"last_00h of globex", "the length of a first or last window is 1s to 24h"},
      {"rolling_0_sessions", "a rolling window is 1 to 5000 sessions"},
      {"rolling_0d of rth", "a rolling window is 1 to 7400 days"},
      {"rolling_9999999999h", "a rolling window is 1 to 9600 hours"},
      {"previous_0", "a previous window counts 1 to 1000 buckets"}};
  for (const auto& [text, bounds] : cases) {
    const auto window = ParseWindow(text);
    EXPECT_THAT(window, StatusIs(kInvalid, "FIELD_INVALID"));
    EXPECT_EQ(std::string(window.status().message()),
              std::string("window \"") + text + "\": " + bounds);
  }
}

TEST(ParseWindow, SuggestsTheRightFormOfAWindow) {
  const std::pair<const char*, const char*> cases[] = {
      {"First_30m", "first_30m"},
      {"RTH", "rth"},
      {"rth\n", "rth"},
      {"full-day", "full_day"},
      {"Month to date", "month_to_date"},
      {"first 30min", "first_30m"},
      {"last_1_hour of Globex", "last_1h of globex"},
      {"rolling_20_session", "rolling_20_sessions"},
      {"rolling_30_days of RTH", "rolling_30d of rth"},
      {"rolling-24-hours", "rolling_24h"},
      {"previous-2 of first_30M", "previous_2 of first_30m"},
      {"9:30-16:00", "09:30-16:00"},
  };
  for (const auto& [text, meant] : cases) {
    EXPECT_THAT(ParseWindow(text), StatusIs(kInvalid, "FIELD_INVALID"));
    EXPECT_THAT(ParseWindow(text), HasMetadata("suggestion", meant));
    EXPECT_THAT(ParseWindow(meant), IsOk());
  }
  EXPECT_THAT(std::string(ParseWindow("rolling_20").status().message()), HasSubstr("rolling_30d"))
      << "the forms, where none is near";
}

TEST(ParseWindow, LongAndHostileTextsGiveShortErrors) {
  std::string many = "first_30m";
  for (int i = 0; i < 100000; ++i) many += " of rth";
  for (const std::string& text :
       {std::string(1 << 20, 'a'), many, "rolling_" + std::string(1 << 20, '9') + "d",
        std::string("\0\xff\x1b[31m", 7)}) {
    const auto window = ParseWindow(text);
    EXPECT_THAT(window, StatusIs(kInvalid, "FIELD_INVALID"));
    EXPECT_LE(window.status().message().size(), status::kMaxMessageBytes);
  }
}

Window Reaching(Window base, WindowReach reach, int32_t count = 0,
                RollingUnit unit = RollingUnit::kSessions) {
  base.reach = reach;
  base.count = count;
  base.unit = unit;
  return base;
}

TEST(ParseWindow, ReadsReaches) {
  EXPECT_THAT(ParseWindow("rolling_20_sessions"),
              IsOkAndHolds(Reaching({}, WindowReach::kRolling, 20)));
  EXPECT_THAT(
      ParseWindow("rolling_30d of pre"),
      IsOkAndHolds(Reaching(SessionWindow("pre"), WindowReach::kRolling, 30, RollingUnit::kDays)));
  EXPECT_THAT(
      ParseWindow("rolling_24h of 18:00-02:00"),
      IsOkAndHolds(Reaching(Range(64800, 7200), WindowReach::kRolling, 24, RollingUnit::kHours)));
  EXPECT_THAT(ParseWindow("previous of first_30m"),
              IsOkAndHolds(Reaching(Edge(WindowKind::kFirst, absl::Minutes(30)),
                                    WindowReach::kPrevious, 1)));
  EXPECT_THAT(ParseWindow("previous_2 of last_1h of globex"),
              IsOkAndHolds(Reaching(Edge(WindowKind::kLast, absl::Hours(1), "globex"),
                                    WindowReach::kPrevious, 2)));
  for (const Grain period :
       {Grain::kDay, Grain::kWeek, Grain::kMonth, Grain::kQuarter, Grain::kYear}) {
    Window window = Reaching({}, WindowReach::kToDate);
    window.period = period;
    EXPECT_THAT(ParseWindow(std::string(GrainName(period)) + "_to_date"), IsOkAndHolds(window));
  }
}

TEST(ParseWindow, LongerFormsMeanTheSame) {
  const std::pair<const char*, const char*> same[] = {
      {"first_90m of rth", "first_1h30m"},
      {"previous_1", "previous"},
      {"rolling_3d of full_day", "rolling_3d"},
      {"09:30:00-10:00:00", "09:30-10:00"},
  };
  for (const auto& [longer, shortest] : same) {
    const auto window = ParseWindow(longer);
    ASSERT_OK(window) << longer;
    EXPECT_EQ(WindowText(*window), shortest);
    EXPECT_THAT(ParseWindow(shortest), IsOkAndHolds(*window));
  }
}

TEST(WindowText, IsTheShortest) {
  EXPECT_EQ(WindowText(Window{}), "full_day");
  EXPECT_EQ(WindowText(SessionWindow("pre")), "pre");
  EXPECT_EQ(WindowText(Edge(WindowKind::kFirst, absl::Minutes(90))), "first_1h30m");
  EXPECT_EQ(WindowText(Edge(WindowKind::kLast, absl::Hours(1), "globex")), "last_1h of globex");
  EXPECT_EQ(WindowText(Range(34200, 36000)), "09:30-10:00");
  Window range = Range(34205, 86400);
  range.session = "rth";
  EXPECT_EQ(WindowText(range), "09:30:05-24:00 of rth");
  EXPECT_EQ(WindowText(Reaching(range, WindowReach::kRolling, 20)),
            "rolling_20_sessions of 09:30:05-24:00 of rth");
  EXPECT_EQ(WindowText(Reaching({}, WindowReach::kPrevious, 1)), "previous");
  // A window that nobody has checked has a text all the same.
  Window odd = Reaching({}, WindowReach::kToDate);
  odd.period = Grain{0};
  EXPECT_EQ(WindowText(odd), "unknown_to_date");
}

TEST(CheckWindow, AcceptsWhatTheCalendarHas) {
  const auto calendar = Weekdays();
  EXPECT_OK(CheckWindow(Window{}, *calendar, Grain::kDay));
  EXPECT_OK(CheckWindow(SessionWindow("rth"), *calendar, Grain::kDay));
  EXPECT_OK(CheckWindow(Edge(WindowKind::kFirst, absl::Hours(24)), *calendar, Grain::kDay));
  EXPECT_OK(CheckWindow(Range(0, 86400), *calendar, Grain::kDay));
}

TEST(CheckWindow, NamesTheFieldThatIsWrong) {
  const auto calendar = Weekdays();
  Window range = Range(0, 86400);
  range.session = "post";
  Window to_hour = Reaching({}, WindowReach::kToDate);
  to_hour.period = Grain::kHour;
  const std::pair<Window, const char*> faults[] = {
      {SessionWindow("post"), "window.session"},
      {SessionWindow(""), "window.session"},
      {range, "window.session"},
      {Edge(WindowKind::kLast, absl::Minutes(30), "post"), "window.session"},
      {Edge(WindowKind::kFirst, absl::ZeroDuration()), "window.length"},
      {Edge(WindowKind::kFirst, absl::Hours(25)), "window.length"},
      {Range(3600, 3600), "window.to"},
      {Range(-1, 3600), "window.from"},
      {Range(0, 86401), "window.to"},
      {Range(3600, 0), "window.to"},
      {Range(86400, 3600), "window.from"},
      {Edge(WindowKind::kFirst, absl::Milliseconds(1500)), "window.length"},
      {Reaching({}, WindowReach::kRolling, 0), "window.rolling"},
      {Reaching({}, WindowReach::kRolling, kMaxRollingSessions + 1), "window.rolling"},
      {Reaching({}, WindowReach::kRolling, kMaxRollingDays + 1, RollingUnit::kDays),
       "window.rolling"},
      {Reaching({}, WindowReach::kRolling, kMaxRollingHours + 1, RollingUnit::kHours),
       "window.rolling"},
      {Reaching({}, WindowReach::kRolling, 1, RollingUnit{9}), "window.rolling"},
      {Reaching({}, WindowReach::kPrevious, 0), "window.previous"},
      {Reaching({}, WindowReach::kPrevious, kMaxPrevious + 1), "window.previous"},
      {Reaching({}, WindowReach{9}), "window.reach"},
      {Window{WindowKind{9}}, "window.kind"},
      {to_hour, "window.to_date"},
  };
  for (const auto& [window, field] : faults) {
    const absl::Status checked = CheckWindow(window, *calendar, Grain::kDay);
    EXPECT_THAT(checked, StatusIs(kInvalid, "DEFINITION_INVALID")) << WindowText(window);
    EXPECT_THAT(checked, ViolatesField(field)) << WindowText(window);
  }
}

TEST(CheckWindow, PeriodsToDateAreNotShorterThanTheGrain) {
  const auto calendar = Weekdays();
  Window window = Reaching({}, WindowReach::kToDate);
  window.period = Grain::kWeek;
  EXPECT_OK(CheckWindow(window, *calendar, Grain::kHour));
  EXPECT_OK(CheckWindow(window, *calendar, Grain::kWeek));
  const absl::Status checked = CheckWindow(window, *calendar, Grain::kMonth);
  EXPECT_THAT(checked, StatusIs(kInvalid, "DEFINITION_INVALID"));
  EXPECT_THAT(checked, ViolatesField("window.to_date"));
}

TEST(CheckWindow, SuggestsTheSessionThatWasMeant) {
  const auto calendar = Weekdays();
  EXPECT_THAT(std::string(CheckWindow(SessionWindow("rht"), *calendar, Grain::kDay).message()),
              HasSubstr("did you mean \"rth\"? Its sessions: rth"));
  EXPECT_THAT(std::string(CheckWindow(SessionWindow("night"), *calendar, Grain::kDay).message()),
              HasSubstr("calendar WEEKDAYS has no session \"night\"; its sessions: rth"));
}

}  // namespace
}  // namespace metricstore::calendar
