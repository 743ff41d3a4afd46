#include "cli/csv/value_parser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "common/time/iso8601.h"

namespace metricstore::cli {
namespace {

using ::testing::HasSubstr;

absl::TimeZone Zone(const std::string& name) {
  absl::TimeZone zone;
  EXPECT_TRUE(absl::LoadTimeZone(name, &zone)) << name;
  return zone;
}

// The value as text, or the fault.
std::string Float(const std::string& text) {
  double value = 0;
  std::string fault;
  return ParseFloat64(text, &value, &fault) ? std::to_string(value) : fault;
}

std::string Int(const std::string& text) {
  int64_t value = 0;
  std::string fault;
  return ParseInt64(text, &value, &fault) ? std::to_string(value) : fault;
}

std::string Bool(const std::string& text) {
  uint8_t value = 9;
  std::string fault;
  return ParseBool(text, &value, &fault) ? std::to_string(value) : fault;
}

std::string Date(const std::string& text) {
  int32_t value = 0;
  std::string fault;
  return ParseDateField(text, &value, &fault) ? FormatDate(FromEpochDays(value)) : fault;
}

std::string Time(const std::string& text, const std::string& zone = "UTC") {
  int64_t value = 0;
  std::string fault;
  return ParseTimestamp(text, Zone(zone), &value, &fault) ? FormatInstant(FromMicros(value))
                                                          : fault;
}

TEST(ParseFloat64, ReadsDecimalAndScientificNotation) {
  EXPECT_EQ(Float("14.05"), "14.050000");
  EXPECT_EQ(Float("-0.5"), "-0.500000");
  EXPECT_EQ(Float("+2"), "2.000000");
  EXPECT_EQ(Float("1e3"), "1000.000000");
  EXPECT_EQ(Float(".5"), "0.500000");
}

TEST(ParseFloat64, KeepsEveryBit) {
  double value = 0;
  std::string fault;
  ASSERT_TRUE(ParseFloat64("3371.699951171875", &value, &fault));
  EXPECT_EQ(value, 3371.699951171875);
}

TEST(ParseFloat64, RefusesWhatIsNoFiniteNumber) {
  EXPECT_EQ(Float("abc"), "\"abc\" is not a number");
  EXPECT_EQ(Float("1,234"), "\"1,234\" is not a number");
  EXPECT_EQ(Float("1.5x"), "\"1.5x\" is not a number");
  EXPECT_EQ(Float("0x10"), "\"0x10\" is not a number");
  EXPECT_EQ(Float("+-1"), "\"+-1\" is not a number");
  EXPECT_EQ(Float("nan"), "\"nan\" is not a finite number");
  EXPECT_EQ(Float("-inf"), "\"-inf\" is not a finite number");
  EXPECT_EQ(Float("1e999"), "\"1e999\" is beyond the range of a float64");
}

TEST(ParseInt64, AcceptsWholeNumbers) {
  EXPECT_EQ(Int("205"), "205");
  EXPECT_EQ(Int("205.0"), "205");
  EXPECT_EQ(Int("-7.000"), "-7");
  EXPECT_EQ(Int("9223372036854775807"), "9223372036854775807");
}

TEST(ParseInt64, RefusesFractionsAndOverflow) {
  EXPECT_EQ(Int("1.5"), "\"1.5\" is not a whole number");
  EXPECT_EQ(Int(".0"), "\".0\" is not a whole number");
  EXPECT_EQ(Int("1e3"), "\"1e3\" is not a whole number");
  EXPECT_EQ(Int("9223372036854775808"), "\"9223372036854775808\" is beyond the range of an int64");
}

TEST(ParseBool, ReadsTheUsualWordsInAnyCase) {
  for (const char* text : {"true", "TRUE", "1", "yes", "Yes"}) EXPECT_EQ(Bool(text), "1") << text;
  for (const char* text : {"false", "False", "0", "no"}) EXPECT_EQ(Bool(text), "0") << text;
  EXPECT_EQ(Bool("t"), "\"t\" is neither true nor false");
  EXPECT_EQ(Bool("2"), "\"2\" is neither true nor false");
}

TEST(ParseDateField, ReadsRealDatesOnly) {
  EXPECT_EQ(Date("2013-10-07"), "2013-10-07");
  EXPECT_EQ(Date("1969-12-31"), "1969-12-31");
  EXPECT_EQ(Date("2024-02-29"), "2024-02-29");
  EXPECT_THAT(Date("2023-02-29"), HasSubstr("is not a date"));
  EXPECT_THAT(Date("2013-10-07 00:00"), HasSubstr("is not a date"));
  EXPECT_THAT(Date("07.10.2013"), HasSubstr("is not a date"));
  EXPECT_THAT(Date("0000-01-01"), HasSubstr("is not a date"));
}

struct TimeCase {
  const char* text;
  const char* zone;
  const char* instant;
};

class ParseTimestampTable : public ::testing::TestWithParam<TimeCase> {};

TEST_P(ParseTimestampTable, GivesTheInstant) {
  EXPECT_EQ(Time(GetParam().text, GetParam().zone), GetParam().instant) << GetParam().text;
}

INSTANTIATE_TEST_SUITE_P(
    Forms, ParseTimestampTable,
    ::testing::Values(TimeCase{"2017-02-01 14:30:00", "UTC", "2017-02-01T14:30:00Z"},
                      TimeCase{"2017-02-01T14:30", "UTC", "2017-02-01T14:30:00Z"},
                      TimeCase{"2017-02-01", "UTC", "2017-02-01T00:00:00Z"},
                      TimeCase{"2017-02-01", "America/New_York", "2017-02-01T05:00:00Z"},
                      TimeCase{"2013-10-04 09:30:00", "America/New_York", "2013-10-04T13:30:00Z"},
                      TimeCase{"2013-12-04 09:30:00", "America/New_York", "2013-12-04T14:30:00Z"},
                      TimeCase{"2017-02-01T14:30:00Z", "America/New_York", "2017-02-01T14:30:00Z"},
                      TimeCase{"2017-02-01T14:30:00+05:30", "UTC", "2017-02-01T09:00:00Z"},
                      TimeCase{"2017-02-01 14:30:00-0500", "UTC", "2017-02-01T19:30:00Z"},
                      TimeCase{"2017-02-01T14:30:00+01", "UTC", "2017-02-01T13:30:00Z"},
                      TimeCase{"2017-02-01T14:30:00.5", "UTC", "2017-02-01T14:30:00.500000Z"},
                      TimeCase{"2017-02-01T14:30:00.000001Z", "UTC", "2017-02-01T14:30:00.000001Z"},
                      TimeCase{"2017-02-01T14:30:00.123456000", "UTC",
                               "2017-02-01T14:30:00.123456Z"},
                      TimeCase{"1969-12-31T23:59:59.25", "UTC", "1969-12-31T23:59:59.250000Z"}));

TEST(ParseTimestamp, TimeSkippedByAClockChangeIsRefused) {
  EXPECT_EQ(Time("2024-03-10 02:30:00", "America/New_York"),
            "\"2024-03-10 02:30:00\" does not exist in America/New_York (clock change)");
  EXPECT_EQ(Time("2024-03-10 03:00:00", "America/New_York"), "2024-03-10T07:00:00Z");
}

TEST(ParseTimestamp, RepeatedTimeIsTheEarlierOne) {
  EXPECT_EQ(Time("2024-11-03 01:30:00", "America/New_York"), "2024-11-03T05:30:00Z");
  EXPECT_EQ(Time("2024-11-03 02:00:00", "America/New_York"), "2024-11-03T07:00:00Z");
}

TEST(ParseTimestamp, MidnightSkippedByAClockChangeIsRefused) {
  EXPECT_THAT(Time("2018-11-04", "America/Sao_Paulo"), HasSubstr("does not exist"));
}

TEST(ParseTimestamp, RefusesOtherForms) {
  for (const char* text :
       {"", "abc", "2017-02-30", "2017-02-01 24:00", "2017-02-01 14:60", "2017-02-01 14:30:60",
        "2017-02-01 14", "2017-02-01 14:30:00.", "2017-02-01 14:30:00.1234567",
        "2017-02-01 14:30:00 +01", "2017-02-01 14:30:00+1", "2017-02-01Z", "02/01/2017 14:30",
        "1485959400", "2017-02-01T14:30:00+25:00", "2017-2-1"}) {
    EXPECT_THAT(Time(text), HasSubstr("is not a time")) << text;
  }
}

}  // namespace
}  // namespace metricstore::cli
