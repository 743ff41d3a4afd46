// Casts of one row, at the edges of what they mean.

#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "tests/unit/compute/engine_row_call.h"

namespace metricstore::compute::vector {
namespace {

using columns::ColumnType;
using expression::Function;

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
constexpr int64_t kLeast = std::numeric_limits<int64_t>::min();

template <typename Out>
std::optional<Out> Cast(ColumnType from, ColumnType to, const Argument& value) {
  return RowCall({.function = Function::kCast, .argument_type = from, .result_type = to})
      .Run<Out>({value});
}

std::optional<std::string> CastToText(ColumnType from, const Argument& value) {
  return RowCall(
             {.function = Function::kCast, .argument_type = from, .result_type = ColumnType::kText})
      .RunText({value});
}

TEST(EngineCastTest, RealsBecomeIntegersByHalvesToEven) {
  const auto cast = [](double x) {
    return Cast<int64_t>(ColumnType::kFloat64, ColumnType::kInt64, x);
  };
  EXPECT_EQ(cast(2.5), 2);
  EXPECT_EQ(cast(3.5), 4);
  EXPECT_EQ(cast(-2.5), -2);
  EXPECT_EQ(cast(0.49999999999999994), 0);
  EXPECT_EQ(cast(9223372036854774784.0), INT64_C(9223372036854774784));
  EXPECT_EQ(cast(-9223372036854775808.0), kLeast);
  EXPECT_EQ(cast(9223372036854775808.0), std::nullopt);
  EXPECT_EQ(cast(kNan), std::nullopt);
  EXPECT_EQ(cast(-kInfinity), std::nullopt);
}

TEST(EngineCastTest, ConditionsAreZeroAndOne) {
  EXPECT_EQ(Cast<uint8_t>(ColumnType::kFloat64, ColumnType::kBool, 0.5), 1);
  EXPECT_EQ(Cast<uint8_t>(ColumnType::kFloat64, ColumnType::kBool, -0.0), 0);
  EXPECT_EQ(Cast<uint8_t>(ColumnType::kInt64, ColumnType::kBool, 7), 1);
  EXPECT_EQ(Cast<double>(ColumnType::kBool, ColumnType::kFloat64, true), 1.0);
  EXPECT_EQ(Cast<int64_t>(ColumnType::kBool, ColumnType::kInt64, true), 1);
}

TEST(EngineCastTest, DatesAndInstantsBecomeEachOther) {
  EXPECT_EQ(Cast<int64_t>(ColumnType::kDate, ColumnType::kTimestamp, -1), Micros("1969-12-31"));
  EXPECT_EQ(Cast<int64_t>(ColumnType::kDate, ColumnType::kTimestamp, INT64_C(200'000'000)),
            std::nullopt);
  EXPECT_EQ(Cast<int64_t>(ColumnType::kTimestamp, ColumnType::kDate, Micros("1969-12-31 23:00")),
            -1);
}

TEST(EngineCastTest, ValuesPrintAsDuckDbPrintsThem) {
  const std::vector<std::pair<double, std::string>> reals = {
      {1, "1.0"},
      {1.5, "1.5"},
      {1e15, "1000000000000000.0"},
      {1e16, "1e+16"},
      {0.0001, "0.0001"},
      {0.00001, "1e-05"},
      {-0.0, "-0.0"},
      {1.25e-7, "1.25e-07"},
      {1e300, "1e+300"},
      {5e-324, "5e-324"},
      {kNan, "nan"},
      {-kInfinity, "-inf"},
      {1234567.125, "1234567.125"},
      {123456789012345.6, "123456789012345.6"},
      {1.2345678901234568e+17, "1.2345678901234568e+17"},
      {0.00012, "0.00012"}};
  for (const auto& [value, text] : reals) {
    EXPECT_EQ(CastToText(ColumnType::kFloat64, value), text);
  }
  EXPECT_EQ(CastToText(ColumnType::kInt64, kLeast), "-9223372036854775808");
  EXPECT_EQ(CastToText(ColumnType::kBool, true), "true");
  EXPECT_EQ(CastToText(ColumnType::kDate, 19724), "2024-01-02");
  EXPECT_EQ(CastToText(ColumnType::kTimestamp, Micros("2024-01-02 03:04:05.1234")),
            "2024-01-02 03:04:05.1234");
  EXPECT_EQ(CastToText(ColumnType::kTimestamp, INT64_C(-62135596800000000) - 34'560'000'000'000),
            "0002-11-28 (BC) 00:00:00");
}

TEST(EngineCastTest, TextsAreReadAsDuckDbReadsThem) {
  const std::vector<std::pair<const char*, std::optional<int64_t>>> integers = {
      {"12", 12},
      {" 12 ", 12},
      {"+5", 5},
      {"1.5", 2},
      {"2.5", 3},
      {"-2.5", -3},
      {"1e3", 1000},
      {"1e-1", 0},
      {"0x1F", 31},
      {"0b11", 3},
      {"1_000", 1000},
      {"1.", 1},
      {".5", 1},
      {"", {}},
      {"-", {}},
      {"12a", {}},
      {"true", {}},
      {"1__0", {}},
      {"1e", {}},
      {"9223372036854775807", kMost},
      {"9223372036854775808", {}},
      {"-9223372036854775808", kLeast},
      {"1e400", {}},
      {"0e99999", 0}};
  for (const auto& [text, value] : integers) {
    EXPECT_EQ(Cast<int64_t>(ColumnType::kText, ColumnType::kInt64, text), value) << text;
  }
  const std::vector<std::pair<const char*, std::optional<double>>> reals = {
      {"1.5", 1.5}, {" 12 ", 12}, {"1e3", 1000}, {"+5", 5},     {"inf", kInfinity},
      {"", {}},     {"1_0", 10},  {".5", 0.5},   {"5.", 5},     {"1e400", kInfinity},
      {"0x10", {}}, {"1e", {}},   {".", {}},     {"1e-400", 0}, {"nan(1)", {}},
      {"1 2", {}},  {"0.1", 0.1}};
  for (const auto& [text, value] : reals) {
    EXPECT_EQ(Cast<double>(ColumnType::kText, ColumnType::kFloat64, text), value) << text;
  }
  EXPECT_TRUE(std::isnan(*Cast<double>(ColumnType::kText, ColumnType::kFloat64, "NaN")));
  for (const char* yes : {"true", "T", "1", "Yes", "y"}) {
    EXPECT_EQ(Cast<uint8_t>(ColumnType::kText, ColumnType::kBool, yes), 1) << yes;
  }
  for (const char* no : {"False", "f", "0", "no", "n"}) {
    EXPECT_EQ(Cast<uint8_t>(ColumnType::kText, ColumnType::kBool, no), 0) << no;
  }
  for (const char* neither : {"on", " true ", "2", ""}) {
    EXPECT_EQ(Cast<uint8_t>(ColumnType::kText, ColumnType::kBool, neither), std::nullopt);
  }
}

TEST(EngineCastTest, TimesAreReadWithTheirOffsets) {
  const auto instant = [](const char* text) -> std::optional<std::string> {
    const auto micros = Cast<int64_t>(ColumnType::kText, ColumnType::kTimestamp, text);
    return micros.has_value() ? std::optional(InstantText(*micros)) : std::nullopt;
  };
  EXPECT_EQ(instant("2024-01-02"), "2024-01-02 00:00:00");
  EXPECT_EQ(instant("2024-1-2 1:2:3"), "2024-01-02 01:02:03");
  EXPECT_EQ(instant("2024-01-02T10:00:00Z"), "2024-01-02 10:00:00");
  EXPECT_EQ(instant(" 2024-01-02 10:00 "), "2024-01-02 10:00:00");
  EXPECT_EQ(instant("2024-01-02 10:00:00.1234567"), "2024-01-02 10:00:00.123456");
  EXPECT_EQ(instant("2024-01-02 10:00:00+02:30"), "2024-01-02 07:30:00");
  EXPECT_EQ(instant("2024-01-02 10:00:00 UTC"), "2024-01-02 10:00:00");
  EXPECT_EQ(instant("2024-01-02 24:00:00"), "2024-01-03 00:00:00");
  for (const char* wrong : {"2024-02-30", "2024-01-02 10", "2024-01-02 10:00:60", "20240102", "now",
                            "2024-13-01", "2024-01-02 10:00:00 Mars", "2024-01-02 25:00", "2024",
                            "2024-", "2024/1-2", "2024-01-02 10:00:", "2024-01-02 10:00:00.",
                            "2024-01-02 10:00 2:30", "2024-01-02 10:00+2:", "2024-01-02 10:00+24",
                            "2024-01-02 10:00+01:60", "2024-01-02 10:00+", ""}) {
    EXPECT_EQ(instant(wrong), std::nullopt) << wrong;
  }
  EXPECT_EQ(Cast<int64_t>(ColumnType::kText, ColumnType::kDate, "2024/01/02"), 19724);
  EXPECT_EQ(Cast<int64_t>(ColumnType::kText, ColumnType::kDate, "2024-01-02 23:00+05"), 19724);
  EXPECT_EQ(Cast<int64_t>(ColumnType::kText, ColumnType::kDate, "2023-02-29"), std::nullopt);
}

}  // namespace
}  // namespace metricstore::compute::vector
