#include "absl/time/time.h"

#include "common/time/grain.h"
#include "common/time/iso8601.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/matchers.h"

namespace metricstore {
namespace {

using testing::HasMetadata;
using testing::IsOkAndHolds;
using testing::StatusIs;
using testing::ViolatesField;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

TEST(Date, RoundTrips) {
  EXPECT_THAT(ParseDate("from", "2024-02-29"), IsOkAndHolds(absl::CivilDay(2024, 2, 29)));
  EXPECT_EQ(FormatDate(absl::CivilDay(2024, 2, 29)), "2024-02-29");
  EXPECT_THAT(ParseDate("from", "1900-01-01"), IsOkAndHolds(absl::CivilDay(1900, 1, 1)));
  EXPECT_THAT(ParseDate("from", "2200-12-31"), IsOkAndHolds(absl::CivilDay(2200, 12, 31)));
}

TEST(Date, RefusesWhatIsNoDateAndNamesTheField) {
  for (const char* text :
       {"", "2024-3-10", "2024/03/10", "2024-02-30", "2023-02-29", "2024-13-01", "2024-00-10",
        "2024-01-00", "1899-12-31", "2201-01-01", "2024-03-10T00:00:00Z", " 2024-03-10",
        "2024-03-1x", "+024-03-10", "20240310", "\xd9\xa2\xd9\xa0-03-10"}) {
    const auto date = ParseDate("dates.start_date", text);
    EXPECT_THAT(date, StatusIs(kInvalid, "FIELD_INVALID")) << text;
    EXPECT_THAT(date, ViolatesField("dates.start_date")) << text;
  }
}

TEST(Date, CountsDaysFromTheEpoch) {
  EXPECT_EQ(ToEpochDays(absl::CivilDay(1970, 1, 1)), 0);
  EXPECT_EQ(ToEpochDays(absl::CivilDay(1969, 12, 31)), -1);
  EXPECT_EQ(ToEpochDays(absl::CivilDay(2024, 3, 10)), 19792);
  EXPECT_EQ(FromEpochDays(19792), absl::CivilDay(2024, 3, 10));
  EXPECT_EQ(FromEpochDays(-1), absl::CivilDay(1969, 12, 31));
}

TEST(Instant, ShowsMicrosecondsOnlyWhereThereAreSome) {
  const absl::Time time = absl::FromUnixSeconds(1710081000);
  EXPECT_EQ(FormatInstant(time), "2024-03-10T14:30:00Z");
  EXPECT_EQ(FormatInstant(time + absl::Microseconds(120)), "2024-03-10T14:30:00.000120Z");
  EXPECT_EQ(FormatInstant(time + absl::Nanoseconds(999)), "2024-03-10T14:30:00Z");
  EXPECT_EQ(FormatInstant(absl::FromUnixMicros(-1)), "1969-12-31T23:59:59.999999Z");
}

TEST(Instant, IsFlooredToMicroseconds) {
  EXPECT_EQ(ToMicros(absl::FromUnixNanos(1999)), 1);
  EXPECT_EQ(ToMicros(absl::FromUnixNanos(-1)), -1);
  EXPECT_EQ(FromMicros(-5), absl::FromUnixMicros(-5));
}

TEST(Span, Parses) {
  EXPECT_THAT(ParseSpan("length", "30m"), IsOkAndHolds(absl::Minutes(30)));
  EXPECT_THAT(ParseSpan("length", "1h30m"), IsOkAndHolds(absl::Minutes(90)));
  EXPECT_THAT(ParseSpan("length", "90m"), IsOkAndHolds(absl::Minutes(90)));
  EXPECT_THAT(ParseSpan("length", "45s"), IsOkAndHolds(absl::Seconds(45)));
  EXPECT_THAT(ParseSpan("length", "1d2h3m4s"), IsOkAndHolds(absl::Seconds(93784)));
}

TEST(Span, RefusesEverythingElseAndNamesTheField) {
  for (const char* text : {"", "0s", "30", "m", "-5m", "30 m", "1.5h", "30m1h", "1h1h", "1w", "5ms",
                           "1h30", "99999999999s", "0h0m"}) {
    const auto span = ParseSpan("length", text);
    EXPECT_THAT(span, StatusIs(kInvalid, "FIELD_INVALID")) << text;
    EXPECT_THAT(span, HasMetadata("field", "length")) << text;
  }
}

TEST(Span, FormatsTheShortestText) {
  EXPECT_EQ(FormatSpan(absl::Minutes(90)), "1h30m");
  EXPECT_EQ(FormatSpan(absl::Minutes(30)), "30m");
  EXPECT_EQ(FormatSpan(absl::Seconds(61)), "1m1s");
  EXPECT_EQ(FormatSpan(absl::Hours(24)), "1d");
  EXPECT_EQ(FormatSpan(absl::Hours(49)), "2d1h");
  EXPECT_EQ(FormatSpan(absl::ZeroDuration()), "0s");
}

TEST(GrainNames, RoundTrip) {
  for (int value = 1; value <= 6; ++value) {
    const auto grain = static_cast<Grain>(value);
    EXPECT_EQ(ParseGrain(GrainName(grain)), grain);
  }
  EXPECT_EQ(GrainName(Grain::kHour), "hour");
  EXPECT_EQ(GrainName(Grain::kQuarter), "quarter");
  EXPECT_EQ(ParseGrain("Day"), std::nullopt);
  EXPECT_EQ(ParseGrain(""), std::nullopt);
}

}  // namespace
}  // namespace metricstore
