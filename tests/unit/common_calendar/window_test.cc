#include "common/calendar/window.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/matchers.h"

namespace metricstore::calendar {
namespace {

using absl::CivilDay;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
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

TEST(WindowName, StandsForAWindow) {
  EXPECT_THAT(ParseWindowName("full_day"), IsOkAndHolds(Window{}));
  EXPECT_THAT(ParseWindowName("first_30m"),
              IsOkAndHolds(Edge(WindowKind::kFirst, absl::Minutes(30))));
  EXPECT_THAT(ParseWindowName("last_1h30m"),
              IsOkAndHolds(Edge(WindowKind::kLast, absl::Minutes(90))));
  EXPECT_THAT(ParseWindowName("pre"), IsOkAndHolds(SessionWindow("pre")));
}

TEST(WindowName, RefusesWhatCannotBeOne) {
  for (const char* name : {"", "RTH", "first_", "first_0m", "last_hour", "9to5", "a-b", "rth "}) {
    EXPECT_THAT(ParseWindowName(name), StatusIs(kInvalid, "FIELD_INVALID")) << name;
    EXPECT_THAT(ParseWindowName(name), ViolatesField("window")) << name;
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
}

TEST(CheckWindow, AcceptsWhatTheCalendarHas) {
  const auto calendar = Weekdays();
  EXPECT_OK(CheckWindow(Window{}, *calendar));
  EXPECT_OK(CheckWindow(SessionWindow("rth"), *calendar));
  EXPECT_OK(CheckWindow(Edge(WindowKind::kFirst, absl::Hours(24)), *calendar));
  EXPECT_OK(CheckWindow(Range(0, 86400), *calendar));
}

TEST(CheckWindow, NamesTheFieldThatIsWrong) {
  const auto calendar = Weekdays();
  Window range = Range(0, 86400);
  range.session = "post";
  const std::pair<Window, const char*> faults[] = {
      {SessionWindow("post"), "window.session"},
      {SessionWindow(""), "window.session"},
      {range, "window.session"},
      {Edge(WindowKind::kLast, absl::Minutes(30), "post"), "window.session"},
      {Edge(WindowKind::kFirst, absl::ZeroDuration()), "window.length"},
      {Edge(WindowKind::kFirst, absl::Hours(25)), "window.length"},
      {Range(3600, 3600), "window.from"},
      {Range(-1, 3600), "window.from"},
      {Range(0, 86401), "window.from"},
  };
  for (const auto& [window, field] : faults) {
    const absl::Status checked = CheckWindow(window, *calendar);
    EXPECT_THAT(checked, StatusIs(kInvalid, "DEFINITION_INVALID")) << WindowText(window);
    EXPECT_THAT(checked, ViolatesField(field)) << WindowText(window);
  }
}

TEST(CheckWindow, SuggestsTheSessionThatWasMeant) {
  const auto calendar = Weekdays();
  EXPECT_THAT(std::string(CheckWindow(SessionWindow("rht"), *calendar).message()),
              HasSubstr("did you mean \"rth\""));
}

TEST(AlignToGrain, WidensToWholeBuckets) {
  // A Wednesday and the Sunday after it, exclusive.
  const DateRange dates{CivilDay(2024, 2, 28), CivilDay(2024, 3, 3)};
  EXPECT_EQ(AlignToGrain(Grain::kHour, dates), dates);
  EXPECT_EQ(AlignToGrain(Grain::kDay, dates), dates);
  EXPECT_EQ(AlignToGrain(Grain::kWeek, dates),
            (DateRange{CivilDay(2024, 2, 26), CivilDay(2024, 3, 4)}));
  EXPECT_EQ(AlignToGrain(Grain::kMonth, dates),
            (DateRange{CivilDay(2024, 2, 1), CivilDay(2024, 4, 1)}));
  EXPECT_EQ(AlignToGrain(Grain::kQuarter, dates),
            (DateRange{CivilDay(2024, 1, 1), CivilDay(2024, 4, 1)}));
  EXPECT_EQ(AlignToGrain(Grain::kYear, dates),
            (DateRange{CivilDay(2024, 1, 1), CivilDay(2025, 1, 1)}));
}

TEST(AlignToGrain, LeavesAlignedAndEmptyRangesAlone) {
  const DateRange weeks{CivilDay(2024, 2, 26), CivilDay(2024, 3, 11)};
  EXPECT_EQ(AlignToGrain(Grain::kWeek, weeks), weeks);
  const DateRange quarters{CivilDay(2024, 4, 1), CivilDay(2025, 1, 1)};
  EXPECT_EQ(AlignToGrain(Grain::kQuarter, quarters), quarters);
  const DateRange empty{CivilDay(2024, 2, 28), CivilDay(2024, 2, 28)};
  EXPECT_EQ(AlignToGrain(Grain::kMonth, empty), empty);
}

TEST(ResolveBuckets, EmptyRangeHasNone) {
  EXPECT_THAT(ResolveBuckets(*Weekdays(), Window{}, Grain::kDay,
                             {CivilDay(2024, 3, 1), CivilDay(2024, 3, 1)}),
              IsOkAndHolds(IsEmpty()));
}

TEST(ResolveBuckets, RefusesRangesItCannotAnswer) {
  const auto calendar = Weekdays();
  const std::pair<Grain, DateRange> faults[] = {
      // Before, after and beyond what the calendar knows.
      {Grain::kDay, {CivilDay(2023, 12, 31), CivilDay(2024, 1, 5)}},
      {Grain::kDay, {CivilDay(2024, 12, 31), CivilDay(2025, 1, 2)}},
      {Grain::kDay, {CivilDay(2030, 1, 1), CivilDay(2030, 1, 2)}},
      // Reversed.
      {Grain::kDay, {CivilDay(2024, 3, 2), CivilDay(2024, 3, 1)}},
      // Cuts a week, a month.
      {Grain::kWeek, {CivilDay(2024, 3, 5), CivilDay(2024, 3, 11)}},
      {Grain::kMonth, {CivilDay(2024, 3, 1), CivilDay(2024, 3, 31)}},
  };
  for (const auto& [grain, dates] : faults) {
    const auto buckets = ResolveBuckets(*calendar, Window{}, grain, dates);
    EXPECT_THAT(buckets, StatusIs(kInvalid, "FIELD_INVALID")) << FormatDate(dates.start);
    EXPECT_THAT(buckets, ViolatesField("dates")) << FormatDate(dates.start);
  }
}

TEST(ResolveBuckets, KnowsItsLastDate) {
  const auto buckets = ResolveBuckets(*Weekdays(), SessionWindow("rth"), Grain::kDay,
                                      {CivilDay(2024, 12, 31), CivilDay(2025, 1, 1)});
  ASSERT_OK(buckets);
  ASSERT_EQ(buckets->size(), 1u);
  EXPECT_EQ(FormatInstant(buckets->front().slices.front().end), "2024-12-31T21:00:00Z");
}

TEST(ExtentOfDates, ReachesFromTheFirstToTheLast) {
  const TimeRange extent =
      ExtentOf(*Weekdays(), DateRange{CivilDay(2024, 3, 9), CivilDay(2024, 3, 12)});
  EXPECT_EQ(FormatInstant(extent.start), "2024-03-09T05:00:00Z");
  EXPECT_EQ(FormatInstant(extent.end), "2024-03-12T04:00:00Z");
}

}  // namespace
}  // namespace metricstore::calendar
