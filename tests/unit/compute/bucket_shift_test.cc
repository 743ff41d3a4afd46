#include "compute_service/engine/series/bucket_shift.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/testing/matchers.h"
#include "tests/unit/compute/shard_fixture.h"

namespace metricstore::compute {
namespace {

using ::metricstore::testing::HasMetadata;
using ::metricstore::testing::IsOk;
using ::metricstore::testing::StatusIs;
using ::metricstore::testing::ViolatesField;

// One calendar for all shifts, which refer to it.
const calendar::Calendar& Utc24x7() {
  static const auto* const calendar = new std::shared_ptr(AlwaysOpen());
  return **calendar;
}

const calendar::Calendar& Exchange() {
  static const auto* const calendar = new std::shared_ptr(NewYork());
  return **calendar;
}

BucketShift Shift(const calendar::Calendar& calendar, Grain grain, const char* offset) {
  auto shift = BucketShift::Create(calendar, grain, offset);
  EXPECT_THAT(shift, IsOk());
  return *shift;
}

// The bucket that the one from `start` reaches, as text; "none".
std::string Reached(const calendar::Calendar& calendar, Grain grain, const char* offset,
                    absl::Time start) {
  const auto reached = Shift(calendar, grain, offset).Of(ToMicros(start));
  return reached.has_value() ? FormatInstant(FromMicros(*reached)) : "none";
}

std::string DayReached(const char* offset, absl::CivilDay day) {
  return Reached(Utc24x7(), Grain::kDay, offset, Utc(day.year(), day.month(), day.day()))
      .substr(0, 10);
}

TEST(BucketShiftTest, MonthsAreCivilAndCutToTheMonthsEnd) {
  EXPECT_EQ(DayReached("1 month", absl::CivilDay(2024, 3, 15)), "2024-02-15");
  EXPECT_EQ(DayReached("1 month", absl::CivilDay(2024, 3, 31)), "2024-02-29");
  EXPECT_EQ(DayReached("1 month", absl::CivilDay(2023, 3, 29)), "2023-02-28");
  EXPECT_EQ(DayReached("1 month", absl::CivilDay(2024, 1, 31)), "2023-12-31");
  EXPECT_EQ(DayReached("13 months", absl::CivilDay(2024, 3, 31)), "2023-02-28");
  EXPECT_EQ(DayReached("1 quarter", absl::CivilDay(2024, 5, 31)), "2024-02-29");
  EXPECT_EQ(DayReached("1 year", absl::CivilDay(2024, 2, 29)), "2023-02-28");
  EXPECT_EQ(DayReached("4 years", absl::CivilDay(2024, 2, 29)), "2020-02-29");
}

TEST(BucketShiftTest, DaysAndWeeksCrossMonthsAndYears) {
  EXPECT_EQ(DayReached("1 day", absl::CivilDay(2024, 3, 1)), "2024-02-29");
  EXPECT_EQ(DayReached("7 days", absl::CivilDay(2024, 1, 3)), "2023-12-27");
  EXPECT_EQ(DayReached("2 weeks", absl::CivilDay(2024, 1, 3)), "2023-12-20");
}

TEST(BucketShiftTest, CoarseBucketsReachTheOneThatHoldsTheDate) {
  const auto at = [](Grain grain, const char* offset, absl::Time start) {
    return Reached(Utc24x7(), grain, offset, start).substr(0, 10);
  };
  EXPECT_EQ(at(Grain::kMonth, "1 month", Utc(2024, 3, 1)), "2024-02-01");
  EXPECT_EQ(at(Grain::kMonth, "1 year", Utc(2024, 3, 1)), "2023-03-01");
  EXPECT_EQ(at(Grain::kMonth, "1 day", Utc(2024, 3, 1)), "2024-02-01");
  EXPECT_EQ(at(Grain::kQuarter, "1 month", Utc(2024, 4, 1)), "2024-01-01");
  // Monday 2024-03-04 a month earlier is Sunday 2024-02-04.
  EXPECT_EQ(at(Grain::kWeek, "1 month", Utc(2024, 3, 4)), "2024-01-29");
  EXPECT_EQ(at(Grain::kYear, "1 year", Utc(2024, 1, 1)), "2023-01-01");
}

TEST(BucketShiftTest, HoursOfTheClockStayTheSameOnEarlierDates) {
  // 09:00 in New York is 14:00 UTC before 2024-03-10 and 13:00 after.
  EXPECT_EQ(Reached(Exchange(), Grain::kHour, "1 day", Utc(2024, 3, 11, 13)),
            "2024-03-10T13:00:00Z");
  EXPECT_EQ(Reached(Exchange(), Grain::kHour, "7 days", Utc(2024, 3, 11, 13)),
            "2024-03-04T14:00:00Z");
  EXPECT_EQ(Reached(Exchange(), Grain::kHour, "1 month", Utc(2024, 3, 31, 13)),
            "2024-02-29T14:00:00Z");
}

TEST(BucketShiftTest, OffsetsOfHoursAreElapsedTime) {
  EXPECT_EQ(Reached(Exchange(), Grain::kHour, "24 hours", Utc(2024, 3, 11, 13)),
            "2024-03-10T13:00:00Z");
  EXPECT_EQ(Reached(Exchange(), Grain::kHour, "48 hours", Utc(2024, 3, 11, 13)),
            "2024-03-09T13:00:00Z");
  const auto refused = BucketShift::Create(Utc24x7(), Grain::kDay, "24 hours");
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kInvalidArgument, "NOT_SUPPORTED"));
  EXPECT_THAT(refused, HasMetadata("field", "expression"));
  EXPECT_THAT(refused, ViolatesField("expression"));
}

TEST(BucketShiftTest, WhatTheCalendarDoesNotKnowIsNotReached) {
  EXPECT_EQ(Reached(Utc24x7(), Grain::kDay, "1 year", Utc(2020, 12, 31)), "none");
  EXPECT_EQ(Reached(Utc24x7(), Grain::kMonth, "1 month", Utc(2020, 1, 1)), "none");
  EXPECT_EQ(Reached(Utc24x7(), Grain::kHour, "1 hour", Utc(2020, 1, 1)), "none");
  const BucketShift year = Shift(Utc24x7(), Grain::kDay, "1 year");
  const DateRange known =
      year.Of(DateRange{absl::CivilDay(2020, 6, 1), absl::CivilDay(2021, 3, 1)});
  EXPECT_EQ(known, (DateRange{absl::CivilDay(2020, 1, 1), absl::CivilDay(2020, 2, 29)}))
      << "2021-02-28 reaches 2020-02-28";
  const DateRange none = year.Of(DateRange{absl::CivilDay(2020, 6, 1), absl::CivilDay(2020, 7, 1)});
  EXPECT_EQ(none.start, none.end);
}

TEST(BucketShiftTest, ReachedDatesHoldEveryReachedBucket) {
  for (const Grain grain : {Grain::kHour, Grain::kDay, Grain::kWeek, Grain::kMonth}) {
    for (const char* offset : {"1 day", "10 days", "1 week", "1 month", "5 months", "1 year"}) {
      const BucketShift shift = Shift(Exchange(), grain, offset);
      const DateRange dates = calendar::AlignToGrain(
          Exchange(), grain, {absl::CivilDay(2024, 1, 25), absl::CivilDay(2024, 4, 10)});
      const auto buckets = calendar::ResolveBuckets(Exchange(), calendar::Window(), grain, dates);
      ASSERT_THAT(buckets, IsOk());
      const TimeRange extent = Exchange().ExtentOf(shift.Of(dates));
      for (const auto& span : buckets->spans) {
        const auto reached = shift.Of(ToMicros(span.start));
        ASSERT_TRUE(reached.has_value());
        EXPECT_GE(FromMicros(*reached), extent.start) << offset;
        EXPECT_LT(FromMicros(*reached), extent.end) << offset;
      }
    }
  }
}

}  // namespace
}  // namespace metricstore::compute
