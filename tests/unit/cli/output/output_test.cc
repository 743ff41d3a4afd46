#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <sstream>
#include <string>

#include "cli/output/field_printer.h"
#include "cli/output/number_text.h"
#include "cli/output/progress_bar.h"
#include "cli/output/table_printer.h"
#include "nlohmann/json.hpp"
#include "tests/testing/fake_clock.h"

namespace metricstore::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string Printed(const Table& table, OutputFormat format) {
  std::ostringstream out;
  PrintTable(table, format, out);
  return out.str();
}

const Table kTable = {{{"name"}, {"rows", true}},
                      {{"fact_bars", "12"}, {"a,\"b\"", ""}, {"caf\xC3\xA9\nx\x1b[2J", "3"}}};

TEST(PrintTable, AlignsTextLeftAndNumbersRight) {
  EXPECT_EQ(Printed(kTable, OutputFormat::kTable),
            "NAME        ROWS\n"
            "fact_bars     12\n"
            "a,\"b\"\n"
            "caf\xC3\xA9 x [2J     3\n");
}

TEST(PrintTable, CsvIsQuotedWhereItMustBe) {
  EXPECT_EQ(Printed(kTable, OutputFormat::kCsv),
            "name,rows\n"
            "fact_bars,12\n"
            "\"a,\"\"b\"\"\",\n"
            "\"caf\xC3\xA9\nx\x1b[2J\",3\n");
}

TEST(PrintTable, JsonHasNumbersAndNulls) {
  const auto json = nlohmann::json::parse(Printed(kTable, OutputFormat::kJson));
  ASSERT_EQ(json.size(), 3u);
  EXPECT_EQ(json[0]["rows"], 12);
  EXPECT_EQ(json[1]["name"], "a,\"b\"");
  EXPECT_TRUE(json[1]["rows"].is_null());
}

TEST(PrintTable, JsonHasBooleansWhereTablesHaveYesAndNo) {
  const Table table = {{{"name"}, {"deleted", false, true}},
                       {{"a", "yes"}, {"b", "no"}, {"c", ""}}};
  const auto json = nlohmann::json::parse(Printed(table, OutputFormat::kJson));
  EXPECT_EQ(json[0]["deleted"], true);
  EXPECT_EQ(json[1]["deleted"], false);
  EXPECT_TRUE(json[2]["deleted"].is_null());
  EXPECT_THAT(Printed(table, OutputFormat::kCsv), HasSubstr("a,yes\nb,no\n"));
}

TEST(PrintTable, NoRowsGiveAHeaderOrAnEmptyArray) {
  const Table empty = {{{"name"}}, {}};
  EXPECT_EQ(Printed(empty, OutputFormat::kTable), "NAME\n");
  EXPECT_EQ(Printed(empty, OutputFormat::kCsv), "name\n");
  EXPECT_EQ(Printed(empty, OutputFormat::kJson), "[]\n");
}

TEST(CsvField, QuotesSeparatorsQuotesLineEndsAndOuterBlanks) {
  EXPECT_EQ(CsvField("plain"), "plain");
  EXPECT_EQ(CsvField("{}"), "{}");
  EXPECT_EQ(CsvField(""), "");
  EXPECT_EQ(CsvField("a,b"), "\"a,b\"");
  EXPECT_EQ(CsvField("a\"b"), "\"a\"\"b\"");
  EXPECT_EQ(CsvField("a\r\nb"), "\"a\r\nb\"");
  EXPECT_EQ(CsvField(" a"), "\" a\"");
}

TEST(FormatNumber, IsTheShortestDecimal) {
  EXPECT_EQ(FormatNumber(0), "0");
  EXPECT_EQ(FormatNumber(0.1), "0.1");
  EXPECT_EQ(FormatNumber(-1.5), "-1.5");
  EXPECT_EQ(FormatNumber(1e6), "1000000");
  EXPECT_EQ(FormatNumber(60772107), "60772107");
  EXPECT_EQ(FormatNumber(3371.699951171875), "3371.699951171875");
  EXPECT_EQ(FormatNumber(0.00001), "0.00001");
  EXPECT_EQ(FormatNumber(1e-7), "1e-07");
  EXPECT_EQ(FormatNumber(1e21), "1e+21");
}

TEST(FormatNumber, ReadsBackAsTheSameBits) {
  std::mt19937_64 random(20131007);
  for (int i = 0; i < 20'000; ++i) {
    double value = 0;
    const uint64_t bits = random();
    std::memcpy(&value, &bits, sizeof value);
    if (!std::isfinite(value)) continue;
    const std::string text = FormatNumber(value);
    double back = 0;
    std::from_chars(text.data(), text.data() + text.size(), back);
    ASSERT_EQ(std::memcmp(&back, &value, sizeof value), 0) << text;
  }
}

TEST(NumberText, CountsRatesAndSpans) {
  EXPECT_EQ(FormatCount(1234567), "1,234,567");
  EXPECT_EQ(FormatCount(-1234), "-1,234");
  EXPECT_EQ(FormatCount(999), "999");
  EXPECT_EQ(FormatCountOf(1, "batch"), "1 batch");
  EXPECT_EQ(FormatCountOf(2000, "batch"), "2,000 batches");
  EXPECT_EQ(FormatCountOf(2, "category"), "2 categories");
  EXPECT_EQ(FormatRate(812.4, "rows"), "812 rows/s");
  EXPECT_EQ(FormatRate(15'300, "rows"), "15.3 k rows/s");
  EXPECT_EQ(FormatRate(2.2e6, "rows"), "2.2 M rows/s");
  EXPECT_EQ(FormatElapsed(absl::Milliseconds(4210)), "4.2 s");
  EXPECT_EQ(FormatElapsed(absl::Seconds(187)), "3m 07s");
  EXPECT_EQ(FormatElapsed(absl::Minutes(125)), "2h 05m");
}

TEST(Quoted, CutsAndCleans) {
  EXPECT_EQ(Quoted("a\tb"), "\"a?b\"");
  EXPECT_EQ(Quoted(std::string(100, 'x')), "\"" + std::string(60, 'x') + "...\"");
  EXPECT_EQ(Quoted(std::string(59, 'x') + "\xC3\xA9z"), "\"" + std::string(59, 'x') + "...\"");
}

TEST(PrintFields, AlignsValuesAndGoesOnBelowOnes) {
  std::ostringstream out;
  PrintFields({{"name", "x"}, {"empty", ""}, {"sql", "SELECT 1\nFROM\x1b[2J a"}}, out);
  EXPECT_EQ(out.str(), "name   x\nsql    SELECT 1\n       FROM [2J a\n");
}

TEST(PrintSections, LeavesOutWhatIsEmpty) {
  std::ostringstream out;
  PrintSections({{"one", {{"a", "1"}}}, {"none", {{"b", ""}}}, {"two", {{"long", "2"}}}}, out);
  EXPECT_EQ(out.str(), "one\n  a     1\n\ntwo\n  long  2\n");
}

TEST(RenderProgress, FillsTheBarAndKeepsTheWidth) {
  const std::string line = RenderProgress({"job", 0.5, "7/14 shards"}, 80);
  EXPECT_THAT(line, HasSubstr("[###############---------------]  50%  7/14 shards"));
  EXPECT_LE(RenderProgress({"job", 2, std::string(200, 'd')}, 40).size(), 40u);
  EXPECT_THAT(RenderProgress({"job", -1, ""}, 80), HasSubstr("  0%"));
  EXPECT_EQ(RenderProgress({"job", std::nullopt, "7 rows"}, 80), "job  7 rows");
  EXPECT_EQ(RenderProgress({"job", std::nullopt, "7 rows"}, 5), "job  ");
}

TEST(ProgressBar, RedrawsAtMostTenTimesASecondAndCleansUp) {
  std::ostringstream out;
  std::ostringstream err;
  Terminal terminal{.out = out, .err = err, .err_is_terminal = true};
  testing::FakeClock clock;
  {
    ProgressBar bar(terminal, clock);
    bar.Show({"job", 0.1, "one"});
    bar.Show({"job", 0.2, "two"});
    clock.Advance(absl::Milliseconds(150));
    bar.Show({"job", 0.3, "three"});
  }
  EXPECT_THAT(err.str(), HasSubstr("one"));
  EXPECT_THAT(err.str(), Not(HasSubstr("two")));
  EXPECT_THAT(err.str(), HasSubstr("three"));
  EXPECT_TRUE(err.str().ends_with("\r\x1b[K"));
  EXPECT_EQ(out.str(), "");
}

TEST(ProgressBar, OffATerminalPrintsALineAnIntervalOrNothing) {
  std::ostringstream out;
  std::ostringstream err;
  Terminal terminal{.out = out, .err = err};
  testing::FakeClock clock;
  ProgressBar silent(terminal, clock);
  ProgressBar plain(terminal, clock, absl::Seconds(10));
  for (int second = 0; second < 25; ++second) {
    silent.Show({"job", 0.5, "silent"});
    plain.Show({"job", 0.5, "second " + std::to_string(second)});
    clock.Advance(absl::Seconds(1));
  }
  EXPECT_EQ(err.str(), "job: 50%  second 10\njob: 50%  second 20\n");
}

}  // namespace
}  // namespace metricstore::cli
