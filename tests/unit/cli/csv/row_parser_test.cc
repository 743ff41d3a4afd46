#include "cli/csv/row_parser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "cli/csv/batch_builder.h"
#include "cli/output/error_printer.h"
#include "tests/unit/cli/csv/dataset_shapes.h"

namespace metricstore::cli {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::vector<std::string> kBarHeaders = {"symbol", "ts",    "open",  "high",
                                              "low",    "close", "volume"};

ColumnMapping MappingOf(const DatasetShape& shape, const std::vector<std::string>& headers,
                        const MappingRequest& request = {}) {
  auto mapping = MapColumns(shape, headers, request);
  EXPECT_TRUE(mapping.ok()) << mapping.status();
  return *std::move(mapping);
}

std::string Message(const absl::Status& status) { return std::string(status.message()); }

TEST(MapColumns, TakesHeadersByNameWhateverTheCaseAndOrder) {
  const auto mapping =
      MappingOf(BarShape(), {"TS", "Volume", "Symbol", "OPEN", "low", "high", "close", "extra"});
  ASSERT_EQ(mapping.sources.size(), 7u);
  EXPECT_EQ(mapping.sources[0].column.name, "symbol");
  EXPECT_EQ(mapping.sources[0].field, 2u);
  EXPECT_EQ(mapping.sources[1].field, 0u);
  EXPECT_EQ(mapping.field_count, 8u);
  EXPECT_THAT(mapping.ignored_headers, ElementsAre("extra"));
  EXPECT_THAT(mapping.null_columns, IsEmpty());
}

TEST(MapColumns, MapAndSetSayWhereColumnsComeFrom) {
  const auto mapping = MappingOf(BarShape(), {"when", "o", "high", "low", "close", "volume"},
                                 {{{"ts", "when"}, {"open", "O"}}, {{"symbol", "AAPL"}}});
  EXPECT_EQ(mapping.sources[0].constant, "AAPL");
  EXPECT_FALSE(mapping.sources[0].field.has_value());
  EXPECT_EQ(mapping.sources[1].field, 0u);
  EXPECT_EQ(mapping.sources[2].field, 1u);
  EXPECT_THAT(mapping.ignored_headers, IsEmpty());
}

TEST(MapColumns, ExactHeaderWinsOverOneOfAnotherCase) {
  const auto mapping =
      MappingOf(BarShape(), {"symbol", "ts", "Open", "open", "high", "low", "close", "volume"});
  EXPECT_EQ(mapping.sources[2].field, 3u);
}

TEST(MapColumns, MissingColumnsAreListedWithTheHeadersFound) {
  const auto mapping =
      MapColumns(BarShape(), {"symbol", "ts_utc", "open", "high", "low", "volum"}, {});
  ASSERT_FALSE(mapping.ok());
  EXPECT_THAT(Message(mapping.status()),
              AllOf(HasSubstr("columns ts, close, volume of fact_bars"),
                    HasSubstr("symbol, ts_utc, open, high, low, volum")));
  EXPECT_THAT(HintOf(mapping.status()),
              AllOf(HasSubstr("--map ts=ts_utc"), HasSubstr("--map volume=volum")));
  EXPECT_EQ(ExitCodeOf(mapping.status()), kExitFailure);
}

TEST(MapColumns, TimeColumnIsNeverGuessed) {
  for (const char* header : {"ts_ny_local", "time", "Timestamp", "date"}) {
    const auto mapping =
        MapColumns(BarShape(), {"symbol", header, "open", "high", "low", "close", "volume"}, {});
    ASSERT_FALSE(mapping.ok()) << header;
    EXPECT_THAT(HintOf(mapping.status()), HasSubstr(std::string("--map ts=") + header));
  }
}

TEST(MapColumns, NullableColumnsMayBeMissing) {
  const auto mapping = MappingOf(EveryTypeShape(), {"name", "at"});
  EXPECT_THAT(mapping.null_columns, ElementsAre("number", "whole", "flag", "day"));
  EXPECT_EQ(mapping.sources.size(), 2u);
}

struct RequestCase {
  MappingRequest request;
  const char* message;
};

TEST(MapColumns, RequestThatFitsNothingIsAUsageError) {
  const RequestCase cases[] = {
      {{{{"tss", "ts"}}, {}}, "has no column \"tss\""},
      {{{}, {{"simbol", "X"}}}, "has no column \"simbol\""},
      {{{{"open", "opne"}}, {}}, "has no header \"opne\""},
      {{{{"open", "close"}}, {{"open", "1"}}}, "both by --map and by --set"},
  };
  for (const RequestCase& test : cases) {
    const auto mapping = MapColumns(BarShape(), kBarHeaders, test.request);
    ASSERT_FALSE(mapping.ok());
    EXPECT_THAT(Message(mapping.status()), HasSubstr(test.message));
    EXPECT_EQ(ExitCodeOf(mapping.status()), kExitUsage);
  }
}

TEST(MapColumns, HeaderThatOccursTwiceIsAnError) {
  const auto mapping = MapColumns(
      BarShape(), {"symbol", "ts", "open", "open", "high", "low", "close", "volume"}, {});
  EXPECT_THAT(Message(mapping.status()), HasSubstr("\"open\" occurs 2 times"));
}

// Parses one line of EveryTypeShape; the reject's text, or "".
std::string RejectOf(const std::vector<std::string>& fields, const ParseOptions& options = {},
                     std::vector<Cell>* cells = nullptr) {
  const auto parser = RowParser::Create(
      MappingOf(EveryTypeShape(), {"name", "at", "number", "whole", "flag", "day"}), options);
  EXPECT_TRUE(parser.ok());
  CsvRecord record;
  record.line = 7;
  record.fields.assign(fields.begin(), fields.end());
  std::vector<Cell> parsed;
  Reject reject;
  const bool good = parser->Parse(record, cells == nullptr ? &parsed : cells, &reject);
  return good ? "" : RejectText(reject);
}

TEST(RowParser, ReadsEveryType) {
  const std::vector<std::string> fields = {"a b", "2013-10-04 09:30", "1.5", "42.0",
                                           "Yes", "1970-01-02"};
  std::vector<Cell> cells;
  absl::TimeZone zone;
  ASSERT_TRUE(absl::LoadTimeZone("America/New_York", &zone));
  ASSERT_EQ(RejectOf(fields, {.zone = zone}, &cells), "");
  EXPECT_EQ(cells[0].text, "a b");
  EXPECT_EQ(cells[1].int64, 1380893400000000);
  EXPECT_EQ(cells[2].float64, 1.5);
  EXPECT_EQ(cells[3].int64, 42);
  EXPECT_EQ(cells[4].boolean, 1);
  EXPECT_EQ(cells[5].date, 1);
}

TEST(RowParser, EmptyFieldIsNullWhereTheColumnTakesIt) {
  const std::vector<std::string> fields = {"a", "2013-10-04", "", "", "", ""};
  std::vector<Cell> cells;
  ASSERT_EQ(RejectOf(fields, {}, &cells), "");
  for (size_t i = 2; i < cells.size(); ++i) EXPECT_TRUE(cells[i].null) << i;
  EXPECT_EQ(RejectOf({"", "2013-10-04", "", "", "", ""}),
            "line 7: column name: is empty and the column takes no NULL");
}

TEST(RowParser, NullTextStandsForNull) {
  std::vector<Cell> cells;
  const std::vector<std::string> fields = {"a", "2013-10-04", "NA", "", "NA", ""};
  ASSERT_EQ(RejectOf(fields, {.null_text = "NA"}, &cells), "");
  EXPECT_TRUE(cells[2].null);
  EXPECT_TRUE(cells[3].null);
  EXPECT_TRUE(cells[4].null);
}

TEST(RowParser, RejectNamesLineAndColumn) {
  EXPECT_EQ(RejectOf({"a", "2013-10-04", "abc", "", "", ""}),
            "line 7: column number: \"abc\" is not a number");
  EXPECT_EQ(RejectOf({"a", "2013-10-04"}), "line 7: 2 fields where the header has 6");
}

TEST(RowParser, RowLargerThanAMessageIsRejected) {
  const std::string text(kMaxRowTextBytes + 1, 'x');
  EXPECT_THAT(RejectOf({text, "2013-10-04", "", "", "", ""}), HasSubstr("fit into a message"));
}

TEST(RowParser, ConstantThatDoesNotFitItsColumnIsAUsageError) {
  auto mapping = MappingOf(BarShape(), {"symbol", "ts", "high", "low", "close", "volume"},
                           {{}, {{"open", "abc"}}});
  const auto parser = RowParser::Create(std::move(mapping), {});
  EXPECT_EQ(Message(parser.status()), "--set open=abc: \"abc\" is not a number");
  EXPECT_EQ(ExitCodeOf(parser.status()), kExitUsage);
}

}  // namespace
}  // namespace metricstore::cli
