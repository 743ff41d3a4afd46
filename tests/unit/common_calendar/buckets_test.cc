#include "common/calendar/buckets.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/matchers.h"

namespace metricstore::calendar {
namespace {

using absl::CivilDay;
using ::testing::Field;
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

TEST(AlignToGrain, WidensToWholeBuckets) {
  const auto calendar = Weekdays();
  // A Wednesday and the Sunday after it, exclusive.
  const DateRange dates{CivilDay(2024, 2, 28), CivilDay(2024, 3, 3)};
  EXPECT_EQ(AlignToGrain(*calendar, Grain::kHour, dates), dates);
  EXPECT_EQ(AlignToGrain(*calendar, Grain::kDay, dates), dates);
  EXPECT_EQ(AlignToGrain(*calendar, Grain::kWeek, dates),
            (DateRange{CivilDay(2024, 2, 26), CivilDay(2024, 3, 4)}));
  EXPECT_EQ(AlignToGrain(*calendar, Grain::kMonth, dates),
            (DateRange{CivilDay(2024, 2, 1), CivilDay(2024, 4, 1)}));
  EXPECT_EQ(AlignToGrain(*calendar, Grain::kQuarter, dates),
            (DateRange{CivilDay(2024, 1, 1), CivilDay(2024, 4, 1)}));
  EXPECT_EQ(AlignToGrain(*calendar, Grain::kYear, dates),
            (DateRange{CivilDay(2024, 1, 1), CivilDay(2025, 1, 1)}));
}

TEST(AlignToGrain, LeavesAlignedAndEmptyRangesAlone) {
  const auto calendar = Weekdays();
  const DateRange weeks{CivilDay(2024, 2, 26), CivilDay(2024, 3, 11)};
  EXPECT_EQ(AlignToGrain(*calendar, Grain::kWeek, weeks), weeks);
  const DateRange quarters{CivilDay(2024, 4, 1), CivilDay(2025, 1, 1)};
  EXPECT_EQ(AlignToGrain(*calendar, Grain::kQuarter, quarters), quarters);
  const DateRange empty{CivilDay(2024, 2, 28), CivilDay(2024, 2, 28)};
  EXPECT_EQ(AlignToGrain(*calendar, Grain::kMonth, empty), empty);
}

TEST(ResolveBuckets, EmptyRangeHasNone) {
  EXPECT_THAT(ResolveBuckets(*Weekdays(), Window{}, Grain::kDay,
                             {CivilDay(2024, 3, 1), CivilDay(2024, 3, 1)}),
              IsOkAndHolds(Field(&WindowBuckets::spans, IsEmpty())));
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
  const auto buckets = ResolveBuckets(*Weekdays(), *ParseWindow("rth"), Grain::kDay,
                                      {CivilDay(2024, 12, 31), CivilDay(2025, 1, 1)});
  ASSERT_OK(buckets);
  ASSERT_EQ(buckets->spans.size(), 1u);
  EXPECT_EQ(FormatInstant(buckets->BucketAt(0).slices.front().end), "2024-12-31T21:00:00Z");
}

TEST(ExtentOfDates, ReachesFromTheFirstToTheLast) {
  const TimeRange extent =
      Weekdays()->ExtentOf(DateRange{CivilDay(2024, 3, 9), CivilDay(2024, 3, 12)});
  EXPECT_EQ(FormatInstant(extent.start), "2024-03-09T05:00:00Z");
  EXPECT_EQ(FormatInstant(extent.end), "2024-03-12T04:00:00Z");
}

TEST(AlignToGrain, WeeksStartWhereTheCalendarSays) {
  CalendarSpec spec = Weekdays()->spec();
  spec.week_start = absl::Weekday::sunday;
  const auto calendar = *Calendar::Create(spec, 1);
  // 2024-03-03 is a Sunday.
  EXPECT_EQ(AlignToGrain(*calendar, Grain::kWeek, {CivilDay(2024, 3, 2), CivilDay(2024, 3, 4)}),
            (DateRange{CivilDay(2024, 2, 25), CivilDay(2024, 3, 10)}));
}

TEST(ResolveBuckets, ChecksTheWindowForTheGrain) {
  const DateRange march{CivilDay(2024, 3, 1), CivilDay(2024, 4, 1)};
  EXPECT_THAT(ResolveBuckets(*Weekdays(), *ParseWindow("week_to_date"), Grain::kMonth, march),
              StatusIs(kInvalid, "DEFINITION_INVALID"));
  EXPECT_THAT(ResolveBuckets(*Weekdays(), *ParseWindow("post"), Grain::kDay, march),
              ViolatesField("window.session"));
}

TEST(ResolveBuckets, OverlappingBucketsShareTheirSlices) {
  const auto calendar = Weekdays();
  const DateRange year{CivilDay(2024, 1, 1), CivilDay(2025, 1, 1)};
  const auto own = ResolveBuckets(*calendar, *ParseWindow("rth"), Grain::kDay, year);
  const auto rolling =
      ResolveBuckets(*calendar, *ParseWindow("rolling_200_sessions of rth"), Grain::kDay, year);
  ASSERT_OK(own);
  ASSERT_OK(rolling);
  EXPECT_EQ(own->slices, rolling->slices);
  EXPECT_EQ(own->spans.size(), rolling->spans.size());
  EXPECT_EQ(rolling->BucketAt(rolling->spans.size() - 1).slices.size(), 200u);
}

TEST(WindowBuckets, TakesTheBucketsOfOthers) {
  const auto calendar = Weekdays();
  const auto resolved = ResolveBuckets(*calendar, *ParseWindow("rolling_3_sessions of rth"),
                                       Grain::kDay, {CivilDay(2024, 3, 1), CivilDay(2024, 4, 1)});
  ASSERT_OK(resolved);
  std::vector<Bucket> buckets = resolved->ToBuckets();
  // One of which nothing is shown, as a request may bring.
  buckets.push_back({absl::FromUnixSeconds(1712000000), {}});
  EXPECT_EQ(WindowBuckets::From(buckets).ToBuckets(), buckets);
  EXPECT_THAT(WindowBuckets::From({}).ToBuckets(), IsEmpty());
}

DateRange Shows(const char* window, Grain grain, CivilDay start, CivilDay end) {
  return DatesThatShow(*Weekdays(), *ParseWindow(window), grain, {start, end});
}

TEST(DatesThatShow, ReachAsFarAsTheWindow) {
  const CivilDay friday(2024, 3, 15);
  const CivilDay saturday = friday + 1;
  EXPECT_EQ(Shows("rth", Grain::kDay, friday, saturday), (DateRange{friday, saturday}));
  EXPECT_EQ(Shows("rth", Grain::kMonth, friday, saturday),
            (DateRange{CivilDay(2024, 3, 1), CivilDay(2024, 4, 1)}));
  // Friday, Monday, Tuesday.
  EXPECT_EQ(Shows("rolling_3_sessions of rth", Grain::kDay, friday, saturday),
            (DateRange{friday, friday + 5}));
  EXPECT_EQ(Shows("rolling_3d of rth", Grain::kDay, friday, saturday),
            (DateRange{friday, friday + 3}));
  EXPECT_EQ(Shows("rolling_48h", Grain::kDay, friday, saturday), (DateRange{friday, friday + 3}));
  EXPECT_EQ(Shows("month_to_date", Grain::kDay, friday, saturday),
            (DateRange{friday, CivilDay(2024, 4, 1)}));
  EXPECT_EQ(Shows("year_to_date", Grain::kMonth, friday, saturday),
            (DateRange{CivilDay(2024, 3, 1), CivilDay(2025, 1, 1)}));
  EXPECT_EQ(Shows("previous of rth", Grain::kDay, friday, saturday),
            (DateRange{friday + 3, friday + 4}));
  EXPECT_EQ(Shows("previous of rth", Grain::kWeek, friday, saturday),
            (DateRange{CivilDay(2024, 3, 18), CivilDay(2024, 3, 25)}));
  EXPECT_EQ(Shows("previous_2 of rth", Grain::kDay, friday - 1, saturday),
            (DateRange{friday + 3, friday + 5}));
  // Friday's hours are shown on Friday; its last three on Monday.
  EXPECT_EQ(Shows("previous_3 of rth", Grain::kHour, friday, saturday),
            (DateRange{friday, friday + 4}));
}

TEST(DatesThatShow, NothingShowsWhatComesAfterAllPreviousBuckets) {
  const DateRange none =
      Shows("previous_2 of rth", Grain::kDay, CivilDay(2024, 12, 30), CivilDay(2025, 1, 1));
  EXPECT_EQ(none.start, none.end);
}

TEST(DatesThatShow, AreThoseThatTheCalendarCanResolve) {
  // 2024-01-01 is a Monday, 2024-12-31 a Tuesday in a week that the calendar knows in part.
  EXPECT_EQ(Shows("rolling_30d", Grain::kDay, CivilDay(2024, 12, 20), CivilDay(2024, 12, 21)),
            (DateRange{CivilDay(2024, 12, 20), CivilDay(2025, 1, 1)}));
  EXPECT_EQ(Shows("full_day", Grain::kWeek, CivilDay(2023, 12, 20), CivilDay(2024, 1, 3)),
            (DateRange{CivilDay(2024, 1, 1), CivilDay(2024, 1, 8)}));
  const DateRange partial =
      Shows("full_day", Grain::kWeek, CivilDay(2024, 12, 30), CivilDay(2024, 12, 31));
  EXPECT_EQ(partial.start, partial.end);
  const DateRange unknown =
      Shows("year_to_date", Grain::kDay, CivilDay(2025, 1, 1), CivilDay(2025, 2, 1));
  EXPECT_EQ(unknown.start, unknown.end);
}

}  // namespace
}  // namespace metricstore::calendar
