#include "cli/csv/csv_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace metricstore::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct Line {
  int64_t number;
  std::vector<std::string> fields;
  friend bool operator==(const Line&, const Line&) = default;
};

void PrintTo(const Line& line, std::ostream* out) {
  *out << line.number << ":" << ::testing::PrintToString(line.fields);
}

// All records of `text`; a record with a fault has no fields but its fault.
std::vector<Line> ReadAll(const std::string& text) {
  CsvReader reader(text);
  CsvRecord record;
  std::vector<Line> lines;
  while (true) {
    const auto found = reader.Next(&record);
    EXPECT_TRUE(found.ok()) << found.status();
    if (!found.ok() || !*found) return lines;
    if (record.fault.empty()) {
      lines.push_back({record.line, {record.fields.begin(), record.fields.end()}});
    } else {
      lines.push_back({record.line, {"FAULT " + record.fault}});
    }
  }
}

absl::Status FirstError(const std::string& text) {
  CsvReader reader(text);
  CsvRecord record;
  while (true) {
    const auto found = reader.Next(&record);
    if (!found.ok()) return found.status();
    if (!*found) return absl::OkStatus();
  }
}

struct ReadCase {
  const char* name;
  std::string text;
  std::vector<Line> lines;
};

class CsvReaderTable : public ::testing::TestWithParam<ReadCase> {};

TEST_P(CsvReaderTable, GivesRecordsWithTheirLines) {
  EXPECT_EQ(ReadAll(GetParam().text), GetParam().lines);
}

INSTANTIATE_TEST_SUITE_P(
    Forms, CsvReaderTable,
    ::testing::Values(
        ReadCase{"Empty", "", {}}, ReadCase{"OnlyBlankLines", "\n\r\n  \n", {}},
        ReadCase{"UnixLines", "a,b\n1,2\n", {{1, {"a", "b"}}, {2, {"1", "2"}}}},
        ReadCase{"WindowsLines", "a,b\r\n1,2\r\n", {{1, {"a", "b"}}, {2, {"1", "2"}}}},
        ReadCase{"OldMacLines", "a,b\r1,2\r", {{1, {"a", "b"}}, {2, {"1", "2"}}}},
        ReadCase{"NoFinalNewline", "a,b\n1,2", {{1, {"a", "b"}}, {2, {"1", "2"}}}},
        ReadCase{"ByteOrderMark",
                 "\xEF\xBB\xBF"
                 "a,b\n1,2\n",
                 {{1, {"a", "b"}}, {2, {"1", "2"}}}},
        ReadCase{"BlankLinesCount", "a\n\n\r\n1\n\n2\n", {{1, {"a"}}, {4, {"1"}}, {6, {"2"}}}},
        ReadCase{"EmptyFields", "a,,\n,,\n", {{1, {"a", "", ""}}, {2, {"", "", ""}}}},
        ReadCase{"BlanksAroundFields", " a , b\n", {{1, {"a", "b"}}}},
        ReadCase{"QuotedFields",
                 "\"a,b\",\"say \"\"hi\"\"\",\" c \"\n",
                 {{1, {"a,b", "say \"hi\"", " c "}}}},
        ReadCase{"QuotedLastWithoutNewline", "x\n\"a\"", {{1, {"x"}}, {2, {"a"}}}},
        ReadCase{"NewlinesInQuotes",
                 "h\n\"a\nb\r\nc\",1\nz\n",
                 {{1, {"h"}}, {2, {"a\nb\r\nc", "1"}}, {5, {"z"}}}},
        ReadCase{"BlankLineInQuotes", "\"a\n\nb\"\nz\n", {{1, {"a\n\nb"}}, {4, {"z"}}}}),
    [](const auto& test) { return test.param.name; });

TEST(CsvReader, MisplacedQuoteSpoilsOnlyItsLine) {
  const auto lines = ReadAll("a,b\n1,x\"y\n\"p\"q,2\n3,4\n");
  ASSERT_EQ(lines.size(), 4u);
  EXPECT_EQ(lines[1].number, 2);
  EXPECT_THAT(lines[1].fields, ElementsAre(HasSubstr("quote in the wrong place")));
  EXPECT_EQ(lines[2].number, 3);
  EXPECT_THAT(lines[2].fields, ElementsAre(HasSubstr("quote in the wrong place")));
  EXPECT_EQ(lines[3], (Line{4, {"3", "4"}}));
}

TEST(CsvReader, InvalidUtf8SpoilsOnlyItsLine) {
  const auto lines = ReadAll("a\nb\xFF\nc\xC3\xA9\n");
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(lines[1].number, 2);
  EXPECT_THAT(lines[1].fields, ElementsAre(HasSubstr("not valid UTF-8")));
  EXPECT_EQ(lines[2], (Line{3, {"c\xC3\xA9"}}));
}

TEST(CsvReader, OpenQuoteIsAnErrorWithItsLine) {
  const absl::Status status = FirstError("a\n1\n\"never closed\n2\n3\n");
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), HasSubstr("line 3"));
}

TEST(CsvReader, OpenQuoteDoesNotSwallowMoreThanAMessage) {
  std::string text = "a\n\"open\n";
  for (int i = 0; i < 200'000; ++i) text += "1234567890\n";
  CsvReader reader(text);
  CsvRecord record;
  ASSERT_TRUE(*reader.Next(&record));
  EXPECT_FALSE(reader.Next(&record).ok());
  EXPECT_LT(reader.offset(), text.size());
}

TEST(CsvReader, Utf16IsAnError) {
  EXPECT_THAT(std::string(FirstError("\xFF\xFE"
                                     "a")
                              .message()),
              HasSubstr("UTF-16"));
}

}  // namespace
}  // namespace metricstore::cli
