// Functions of one row, each at the edges of what it means.

#include <bit>
#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "compute_service/engine/vector/kernels/texts/civil_days.h"
#include "compute_service/engine/vector/kernels/texts/letter_case.h"
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

std::optional<double> Math(Function function, double x, Parameters parameters = {}) {
  return RowCall({.function = function}, parameters).Run<double>({x});
}

TEST(EngineMathTest, FunctionsHaveTheirValues) {
  EXPECT_DOUBLE_EQ(*Math(Function::kTrunc, -1.75), -1);
  EXPECT_DOUBLE_EQ(*Math(Function::kLog2, 8), 3);
  EXPECT_DOUBLE_EQ(*Math(Function::kCbrt, -27), -3);
  EXPECT_DOUBLE_EQ(*Math(Function::kSin, 0.5), std::sin(0.5));
  EXPECT_DOUBLE_EQ(*Math(Function::kCos, 0.5), std::cos(0.5));
  EXPECT_DOUBLE_EQ(*Math(Function::kTan, 0.5), std::tan(0.5));
  EXPECT_DOUBLE_EQ(*Math(Function::kAsin, 1), M_PI / 2);
  EXPECT_DOUBLE_EQ(*Math(Function::kAcos, -1), M_PI);
  EXPECT_DOUBLE_EQ(*Math(Function::kAtan, kInfinity), M_PI / 2);
  EXPECT_DOUBLE_EQ(*Math(Function::kDegrees, M_PI), 180);
  EXPECT_DOUBLE_EQ(*Math(Function::kRadians, 180), M_PI);
  EXPECT_DOUBLE_EQ(*RowCall({.function = Function::kAtan2}).Run<double>({0.0, -1.0}), M_PI);
}

TEST(EngineMathTest, OutsideTheirDomainFunctionsAreNullAndNanStaysNan) {
  for (const double x : {0.0, -0.0, -1.0, -kInfinity}) {
    EXPECT_EQ(Math(Function::kLog2, x), std::nullopt) << x;
  }
  for (const Function function : {Function::kSin, Function::kCos, Function::kTan}) {
    EXPECT_EQ(Math(function, kInfinity), std::nullopt);
    EXPECT_EQ(Math(function, -kInfinity), std::nullopt);
  }
  for (const Function function : {Function::kAsin, Function::kAcos}) {
    EXPECT_EQ(Math(function, 1.0000001), std::nullopt);
    EXPECT_EQ(Math(function, -1.0000001), std::nullopt);
  }
  for (const Function function :
       {Function::kLog2, Function::kSin, Function::kAsin, Function::kCbrt, Function::kTrunc}) {
    EXPECT_TRUE(std::isnan(*Math(function, kNan)));
  }
}

TEST(EngineMathTest, NanAndInfinityAreTold) {
  RowCall is_nan({.function = Function::kIsNan});
  RowCall is_finite({.function = Function::kIsFinite});
  EXPECT_EQ(is_nan.Run<uint8_t>({kNan}), 1);
  EXPECT_EQ(is_nan.Run<uint8_t>({kInfinity}), 0);
  EXPECT_EQ(is_finite.Run<uint8_t>({kNan}), 0);
  EXPECT_EQ(is_finite.Run<uint8_t>({-kInfinity}), 0);
  EXPECT_EQ(is_finite.Run<uint8_t>({1e308}), 1);
}

TEST(EngineMathTest, ReadsOnlyRowsThatAreThere) {
  RowCall log({.function = Function::kLog2});
  Argument null(8.0);
  null.is_null = true;
  EXPECT_EQ(log.Run<double>({null}), std::nullopt);
}

TEST(EngineRoundTest, RoundsToDigitsAsDuckDbDoes) {
  const auto round = [](double x, double digits) {
    return *Math(Function::kRound, x, {.numbers = {digits}, .texts = {}});
  };
  EXPECT_EQ(round(2.675, 2), 2.68);
  EXPECT_EQ(round(1.005, 2), 1.0);
  EXPECT_EQ(round(-2.5, 0), -3);
  EXPECT_EQ(round(1234.5, -2), 1200);
  EXPECT_EQ(round(1.5, 400), 1.5);
  EXPECT_EQ(round(1.5, -400), 0);
  EXPECT_EQ(round(1e300, 15), 1e300);
  EXPECT_EQ(round(123456789.125, 2), 123456789.13);
  EXPECT_TRUE(std::isnan(round(kNan, 2)));
  EXPECT_EQ(round(kInfinity, 2), kInfinity);
}

TEST(EngineRoundTest, IntegersStayExact) {
  const auto round = [](int64_t x, double digits) {
    RowCall call({.function = Function::kRound}, {.numbers = {digits}, .texts = {}});
    return call.Run<int64_t>({x});
  };
  EXPECT_EQ(round(15, -1), 20);
  EXPECT_EQ(round(-25, -1), -30);
  EXPECT_EQ(round(14, -1), 10);
  EXPECT_EQ(round(4, -5), 0);
  EXPECT_EQ(round(kMost, 3), kMost);
  EXPECT_EQ(round(kMost, -1), std::nullopt);
  EXPECT_EQ(round(kLeast, -1), std::nullopt);
  EXPECT_EQ(round(kMost, -19), 0);
}

std::optional<std::string> Text(Function function, const std::vector<Argument>& arguments,
                                Parameters parameters = {}) {
  return RowCall({.function = function}, parameters).RunText(arguments);
}

Parameters Numbers(std::vector<double> numbers) { return {.numbers = numbers, .texts = {}}; }
Parameters Texts(std::vector<std::string> texts) { return {.numbers = {}, .texts = texts}; }

TEST(EngineTextFunctionTest, CountsCodePointsFromOne) {
  RowCall length({.function = Function::kLength});
  EXPECT_EQ(length.Run<int64_t>({"aéb"}), 3);
  EXPECT_EQ(length.Run<int64_t>({""}), 0);
  EXPECT_EQ(length.Run<int64_t>({"e\u0301"}), 2);
  RowCall position({.function = Function::kPosition});
  EXPECT_EQ(position.Run<int64_t>({"aéb", "b"}), 3);
  EXPECT_EQ(position.Run<int64_t>({"abc", ""}), 1);
  EXPECT_EQ(position.Run<int64_t>({"abc", "x"}), 0);
}

TEST(EngineTextFunctionTest, SubstringIsPostgresqls) {
  const auto substring = [](const std::vector<Argument>& arguments) {
    return Text(Function::kSubstring, arguments);
  };
  EXPECT_EQ(substring({"hello", 2}), "ello");
  EXPECT_EQ(substring({"hello", -2}), "hello");
  EXPECT_EQ(substring({"hello", 9}), "");
  EXPECT_EQ(substring({"hello", 0, 3}), "he");
  EXPECT_EQ(substring({"hello", -2, 4}), "h");
  EXPECT_EQ(substring({"hello", 2, 0}), "");
  EXPECT_EQ(substring({"hello", 2, -1}), std::nullopt);
  EXPECT_EQ(substring({"aéb", 2, 1}), "é");
  EXPECT_EQ(substring({"hello", 2, kMost}), "ello");
  EXPECT_EQ(substring({"hello", kLeast, kMost}), "");
  EXPECT_EQ(substring({"hello", kMost, kMost}), "");
}

TEST(EngineTextFunctionTest, LeftAndRightLeaveOutWhatIsNegative) {
  EXPECT_EQ(Text(Function::kLeft, {"hello", 2}), "he");
  EXPECT_EQ(Text(Function::kLeft, {"hello", -2}), "hel");
  EXPECT_EQ(Text(Function::kLeft, {"hello", -9}), "");
  EXPECT_EQ(Text(Function::kLeft, {"hello", kLeast}), "");
  EXPECT_EQ(Text(Function::kRight, {"hello", 2}), "lo");
  EXPECT_EQ(Text(Function::kRight, {"hello", -2}), "llo");
  EXPECT_EQ(Text(Function::kRight, {"hello", kMost}), "hello");
  EXPECT_EQ(Text(Function::kRight, {"aéb", 2}), "éb");
}

TEST(EngineTextFunctionTest, TrimsSpacesOrTheCharactersGiven) {
  EXPECT_EQ(Text(Function::kTrim, {"  a \u00A0"}), "a");
  EXPECT_EQ(Text(Function::kTrim, {"\ta "}), "\ta");
  EXPECT_EQ(Text(Function::kTrim, {"   "}), "");
  EXPECT_EQ(Text(Function::kTrim, {"xyaxy"}, Texts({"yx"})), "a");
  EXPECT_EQ(Text(Function::kTrim, {"éaé"}, Texts({"é"})), "a");
  EXPECT_EQ(Text(Function::kTrim, {" a "}, Texts({""})), " a ");
  EXPECT_EQ(Text(Function::kTrimLeft, {"xyab"}, Texts({"yx"})), "ab");
  EXPECT_EQ(Text(Function::kTrimRight, {"abxy"}, Texts({"yx"})), "ab");
  EXPECT_EQ(Text(Function::kTrimLeft, {" a "}), "a ");
  EXPECT_EQ(Text(Function::kTrimRight, {" a "}), " a");
}

TEST(EngineTextFunctionTest, PadsCutsRepeatsAndReverses) {
  EXPECT_EQ(Text(Function::kPadLeft, {"ab", 5}, Texts({"xyz"})), "xyzab");
  EXPECT_EQ(Text(Function::kPadLeft, {"ab", 4}, Texts({"xyz"})), "xyab");
  EXPECT_EQ(Text(Function::kPadRight, {"ab", 7}, Texts({"xyz"})), "abxyzxy");
  EXPECT_EQ(Text(Function::kPadLeft, {"abcdef", 3}, Texts({"x"})), "abc");
  EXPECT_EQ(Text(Function::kPadRight, {"ab", -1}), "");
  EXPECT_EQ(Text(Function::kPadRight, {"é", 3}), "é  ");
  EXPECT_EQ(Text(Function::kRepeat, {"ab"}, Numbers({3})), "ababab");
  EXPECT_EQ(Text(Function::kRepeat, {"ab"}, Numbers({0})), "");
  EXPECT_EQ(Text(Function::kReverse, {"aéb"}), "béa");
}

TEST(EngineTextFunctionTest, ReplacesAndSplits) {
  EXPECT_EQ(Text(Function::kReplace, {"aaa", "a", "bb"}), "bbbbbb");
  EXPECT_EQ(Text(Function::kReplace, {"aaa", "", "b"}), "aaa");
  EXPECT_EQ(Text(Function::kReplace, {"abc", "x", "y"}), "abc");
  const auto split = [](const char* text, const char* separator, double index) {
    return Text(Function::kSplitPart, {text}, {.numbers = {index}, .texts = {separator}});
  };
  EXPECT_EQ(split("a||b||c", "||", 1), "a");
  EXPECT_EQ(split("a||b||c", "||", 3), "c");
  EXPECT_EQ(split("a||b||c", "||", 4), "");
  EXPECT_EQ(split("", ",", 1), "");
}

TEST(EngineTextFunctionTest, FindsPartsAndOrdersByBytes) {
  const auto holds = [](Function function, const char* a, const char* b) {
    return *RowCall({.function = function}).Run<uint8_t>({a, b}) != 0;
  };
  EXPECT_TRUE(holds(Function::kStartsWith, "abc", "ab"));
  EXPECT_FALSE(holds(Function::kStartsWith, "abc", "bc"));
  EXPECT_TRUE(holds(Function::kEndsWith, "abc", "bc"));
  EXPECT_TRUE(holds(Function::kContains, "abc", ""));
  EXPECT_FALSE(holds(Function::kContains, "abc", "ac"));
  EXPECT_TRUE(holds(Function::kLess, "Z", "a"));
  EXPECT_TRUE(holds(Function::kLess, "z", "é"));
  EXPECT_TRUE(holds(Function::kLessEqual, "a", "a"));
  EXPECT_FALSE(holds(Function::kGreater, "a", "a"));
  EXPECT_TRUE(holds(Function::kGreaterEqual, "ab", "a"));
}

TEST(EngineTextFunctionTest, TheGreatestSkipsNull) {
  EXPECT_EQ(Text(Function::kGreatest, {"a", "b"}), "b");
  EXPECT_EQ(Text(Function::kLeast, {"a", "b"}), "a");
  EXPECT_EQ(Text(Function::kGreatest, {Argument::NullText(), "b"}), "b");
  EXPECT_EQ(Text(Function::kLeast, {"a", Argument::NullText()}), "a");
  EXPECT_EQ(Text(Function::kLeast, {Argument::NullText(), Argument::NullText()}), std::nullopt);
}

TEST(EngineTextFunctionTest, CaseIsThatOfUnicode) {
  EXPECT_EQ(ToUpper("straße é ÿ я ω ς µ ı ſ"), "STRAẞE É Ÿ Я Ω Σ Μ I S");
  EXPECT_EQ(ToLower("ÀÉ ẞ Ÿ Я Ω İ Ё Ő"), "àé ß ÿ я ω i ё ő");
  EXPECT_EQ(ToUpper("ŉ 漢 \xF0\x9F\x98\x80 1×÷"), "ŉ 漢 \xF0\x9F\x98\x80 1×÷");
  EXPECT_EQ(ToLower("\xFF\xC3"), "\xFF\xC3");  // no UTF-8
}

TEST(EngineTextFunctionTest, TextsWithoutEndSpendTheBudget) {
  RowCall repeat({.function = Function::kRepeat}, Numbers({1000}));
  const std::string text(2000, 'x');
  EXPECT_EQ(repeat.RunText({text.c_str()}), std::nullopt);
  EXPECT_TRUE(repeat.pool().is_exhausted());
}

std::optional<int64_t> WholePart(const char* unit, const char* time) {
  RowCall call({.function = Function::kDatePart, .argument_type = ColumnType::kTimestamp},
               Texts({unit}));
  return call.Run<int64_t>({Micros(time)});
}

TEST(EngineTimeTest, DatePartsAreThoseOfUtc) {
  EXPECT_EQ(WholePart("year", "1969-12-31 23:59:59.5"), 1969);
  EXPECT_EQ(WholePart("quarter", "2021-12-31"), 4);
  EXPECT_EQ(WholePart("month", "2000-02-29"), 2);
  EXPECT_EQ(WholePart("day", "2000-02-29"), 29);
  EXPECT_EQ(WholePart("hour", "1969-12-31 23:59:59.5"), 23);
  EXPECT_EQ(WholePart("minute", "1969-12-31 23:58:59.5"), 58);
  EXPECT_EQ(WholePart("week", "2021-01-03"), 53);
  EXPECT_EQ(WholePart("week", "2016-01-01"), 53);
  EXPECT_EQ(WholePart("week", "1969-12-29"), 1);
  EXPECT_EQ(WholePart("dow", "2021-01-03"), 0);
  EXPECT_EQ(WholePart("isodow", "2021-01-03"), 7);
  EXPECT_EQ(WholePart("isodow", "1969-12-29"), 1);
  EXPECT_EQ(WholePart("doy", "2020-12-31"), 366);
  EXPECT_EQ(WholePart("year", "-0044-03-15"), -44);
}

TEST(EngineTimeTest, SecondsAndEpochsHaveFractions) {
  const auto part = [](const char* unit, const char* time) {
    RowCall call({.function = Function::kDatePart, .argument_type = ColumnType::kTimestamp},
                 Texts({unit}));
    return *call.Run<double>({Micros(time)});
  };
  EXPECT_EQ(part("second", "1969-12-31 23:59:59.5"), 59.5);
  EXPECT_EQ(part("epoch", "1969-12-31 23:59:59.5"), -0.5);
  EXPECT_EQ(part("epoch", "1960-01-01"), -315619200);
}

TEST(EngineTimeTest, DatesAreTheirMidnights) {
  RowCall hour({.function = Function::kDatePart, .argument_type = ColumnType::kDate},
               Texts({"hour"}));
  EXPECT_EQ(hour.Run<int64_t>({18'000}), 0);
  RowCall week({.function = Function::kDateTrunc, .argument_type = ColumnType::kDate},
               Texts({"week"}));
  EXPECT_EQ(week.Run<int64_t>({-1}), Micros("1969-12-29"));
  EXPECT_EQ(week.Run<int64_t>({INT32_MAX}), std::nullopt);
}

TEST(EngineTimeTest, TruncationGoesDownBefore1970Too) {
  const auto trunc = [](const char* unit, const char* time) {
    RowCall call({.function = Function::kDateTrunc, .argument_type = ColumnType::kTimestamp},
                 Texts({unit}));
    return InstantText(*call.Run<int64_t>({Micros(time)}));
  };
  EXPECT_EQ(trunc("second", "1969-12-31 23:59:59.5"), "1969-12-31 23:59:59");
  EXPECT_EQ(trunc("minute", "1969-12-31 23:59:59.5"), "1969-12-31 23:59:00");
  EXPECT_EQ(trunc("hour", "2020-01-01 10:59:59"), "2020-01-01 10:00:00");
  EXPECT_EQ(trunc("day", "1969-12-31 23:59:59.5"), "1969-12-31 00:00:00");
  EXPECT_EQ(trunc("week", "1969-12-31 23:00"), "1969-12-29 00:00:00");
  EXPECT_EQ(trunc("month", "2024-02-29 12:00"), "2024-02-01 00:00:00");
  EXPECT_EQ(trunc("quarter", "1969-12-31"), "1969-10-01 00:00:00");
  EXPECT_EQ(trunc("year", "1600-12-31"), "1600-01-01 00:00:00");
}

TEST(EngineTimeTest, DifferencesCountBoundaries) {
  const auto diff = [](const char* unit, const char* from, const char* to) {
    RowCall call({.function = Function::kDateDiff, .argument_type = ColumnType::kTimestamp},
                 Texts({unit}));
    return *call.Run<int64_t>({Micros(from), Micros(to)});
  };
  EXPECT_EQ(diff("month", "2020-01-31", "2020-02-01"), 1);
  EXPECT_EQ(diff("month", "2021-02-01 01:00", "2021-01-31 23:00"), -1);
  EXPECT_EQ(diff("year", "2020-12-31", "2019-01-01"), -1);
  EXPECT_EQ(diff("quarter", "1969-12-31", "1970-01-01"), 1);
  EXPECT_EQ(diff("day", "2020-01-01 23:00", "2020-01-02 01:00"), 1);
  EXPECT_EQ(diff("hour", "1969-12-31 23:59:59", "1970-01-01 00:00:00"), 1);
  EXPECT_EQ(diff("minute", "1969-12-31 23:58:30", "1969-12-31 23:59:10"), 1);
  EXPECT_EQ(diff("second", "1969-12-31 23:59:58.2", "1969-12-31 23:59:59.9"), 1);
  EXPECT_EQ(diff("week", "2021-01-01", "2021-01-07"), 0);
  EXPECT_EQ(diff("week", "2021-01-01", "2021-01-08"), 1);
  EXPECT_EQ(diff("week", "2021-01-08", "2021-01-01"), -1);
}

TEST(EngineTimeTest, CivilDaysAndDatesAreInverse) {
  for (int64_t days = -1'500'000; days <= 1'500'000; days += 37) {
    ASSERT_EQ(DaysOf(DateOf(days)), days);
  }
  EXPECT_EQ(DaysOf({.year = 1970, .month = 1, .day = 1}), 0);
  EXPECT_EQ(DaysOf({.year = 2024, .month = 2, .day = 29}), 19782);
}

}  // namespace
}  // namespace metricstore::compute::vector
