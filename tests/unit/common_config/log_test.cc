// Log lines: valid JSON whatever is logged, and never too long.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "common/logging/line.h"
#include "common/logging/logging.h"
#include "common/status/error.h"

namespace metricstore::logging {
namespace {

using nlohmann::json;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string Line(std::string_view message, std::initializer_list<Field> fields = {}) {
  return FormatLine(absl::FromUnixMicros(1700000000123456), Level::kInfo, "test", message, fields);
}

TEST(LogLine, HasItsFieldsInOrder) {
  EXPECT_EQ(Line("rows stored", {{"dataset", "fact_bars"},
                                 {"rows", 12},
                                 {"seconds", absl::Milliseconds(1500)},
                                 {"again", true},
                                 {"error", status::FieldRequired("name")}}),
            R"({"time":"2023-11-14T22:13:20.123456Z","level":"info","service":"test",)"
            R"("message":"rows stored","dataset":"fact_bars","rows":12,"seconds":1.5,)"
            R"("again":true,"error":"name is required"})");
}

TEST(LogLine, EscapesControlCharactersAndBytesThatAreNoText) {
  const std::string line = Line("m", {{"text", std::string("a\n\"\\\x01\x1b[31m\xff\0z", 13)}});
  for (const char c : line) EXPECT_GE(static_cast<unsigned char>(c), 0x20);
  const auto parsed = json::parse(line);
  EXPECT_EQ(parsed["text"].get<std::string>(), std::string("a\n\"\\\x01\x1b[31m\uFFFD\0z", 15));
}

TEST(LogLine, KeepsItsOwnFieldsAgainstOthersOfTheSameName) {
  const auto parsed = json::parse(Line("m", {{"message", "forged"}, {"level", "forged"}}));
  EXPECT_EQ(parsed["message"], "m");
  EXPECT_EQ(parsed["level"], "info");
}

TEST(LogLine, StaysValidJsonForNumbersThatJsonLacks) {
  EXPECT_TRUE(json::accept(Line("m", {{"ratio", std::numeric_limits<double>::quiet_NaN()},
                                      {"limit", std::numeric_limits<double>::infinity()}})));
}

TEST(LogLine, IsCutToItsLimitAndSaysSo) {
  const std::string large(20000, 'x');
  const std::string escaped(20000, '\x01');
  const std::string wide = [] {
    std::string text;
    while (text.size() < 20000) text += "\u20ac";
    return text;
  }();
  for (const std::string& text : {large, escaped, wide}) {
    const std::string line = Line(text, {{"a", text}, {"b", text}, {"c", 1}});
    EXPECT_LE(line.size(), kMaxLineBytes);
    ASSERT_TRUE(json::accept(line)) << line;
    const auto parsed = json::parse(line);
    EXPECT_EQ(parsed["truncated"], true);
    EXPECT_EQ(parsed["c"], 1);
    EXPECT_THAT(parsed["a"].get<std::string>(), EndsWith("..."));
    EXPECT_EQ(line.find("\uFFFD"), std::string::npos);
  }
}

TEST(Level, IsKnownByItsName) {
  for (const std::string& name : LevelNames()) {
    ASSERT_TRUE(ParseLevel(name).has_value()) << name;
    EXPECT_EQ(LevelName(*ParseLevel(name)), name);
  }
  EXPECT_EQ(ParseLevel("warning"), Level::kWarning);
  EXPECT_EQ(ParseLevel("loud"), std::nullopt);
}

TEST(Log, WritesOneLineAboveTheConfiguredLevel) {
  testing::internal::CaptureStderr();
  Configure("probe", Level::kWarning);
  Info("not shown");
  Warning("shown", {{"n", 1}});
  Configure("metricstore", Level::kDebug);
  Debug("shown too");
  const std::string text = testing::internal::GetCapturedStderr();
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 2) << text;
  EXPECT_THAT(text, HasSubstr(R"("level":"warning","service":"probe","message":"shown","n":1})"));
  EXPECT_THAT(text, HasSubstr(R"("level":"debug","service":"metricstore")"));
}

}  // namespace
}  // namespace metricstore::logging
