#include "cli/csv/csv_file.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "cli/csv/input_file.h"
#include "common/columns/proto_conversion.h"
#include "common/time/iso8601.h"
#include "tests/unit/cli/csv/dataset_shapes.h"

namespace metricstore::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr size_t kMessageLimit = 1 << 20;

// A parser of `shape` for `text`, whose header names columns.
RowParser ParserOf(const DatasetShape& shape, const std::string& text) {
  auto mapping = MapColumns(shape, *ReadHeader(text), {});
  EXPECT_TRUE(mapping.ok()) << mapping.status();
  return *RowParser::Create(*std::move(mapping), {});
}

std::vector<PreparedBatch> BatchesOf(const DatasetShape& shape, const std::string& text,
                                     const std::string& run = "") {
  const RowParser parser = ParserOf(shape, text);
  BatchSource source(text, parser, BatchBuilder(shape.name, shape.columns, run));
  std::vector<PreparedBatch> batches;
  while (true) {
    auto batch = source.Next();
    EXPECT_TRUE(batch.ok()) << batch.status();
    if (!batch.ok() || !batch->has_value()) return batches;
    batches.push_back(std::move(**batch));
  }
}

std::string BarsText(int rows) {
  std::string text = "symbol,ts,open,high,low,close,volume\n";
  for (int i = 0; i < rows; ++i) {
    text += (i % 2 == 0 ? "SPY," : "BAC,") + FormatInstant(absl::FromUnixSeconds(60 * i)) +
            ",1.5,2.5,0.5,2," + std::to_string(i) + "\n";
  }
  return text;
}

FileCheck CheckOf(const std::string& text) {
  const auto check = CheckFile(text, ParserOf(BarShape(), text), CancelToken(), [](double) {});
  EXPECT_TRUE(check.ok()) << check.status();
  return *check;
}

TEST(CheckFile, CountsAndListsRejectsWithTheirLines) {
  const FileCheck check = CheckOf(
      "symbol,ts,open,high,low,close,volume\n"
      "SPY,2024-01-02,1,1,1,1,1\n"
      "\n"
      "SPY,2024-01-03,abc,1,1,1,1\n"
      "SPY,2024-01-04,1,1\n"
      "\"S\nY\",2024-01-05,1,1,1,1,1\n"
      "SPY,2024-01-06,1,1,1,1,\n");
  EXPECT_EQ(check.rows, 5);
  EXPECT_EQ(check.accepted(), 2);
  std::vector<std::string> rejects;
  for (const Reject& reject : check.rejects) rejects.push_back(RejectText(reject));
  EXPECT_THAT(rejects, ElementsAre("line 4: column open: \"abc\" is not a number",
                                   "line 5: 4 fields where the header has 7",
                                   "line 8: column volume: is empty and the column takes no NULL"));
}

TEST(CheckFile, KeepsTheFirstRejectsOnly) {
  std::string text = "symbol,ts,open,high,low,close,volume\n";
  for (int i = 0; i < 50; ++i) text += "SPY,x,1,1,1,1,1\n";
  const FileCheck check = CheckOf(text);
  EXPECT_EQ(check.rejected, 50);
  EXPECT_EQ(check.rejects.size(), kListedRejects);
}

TEST(CheckFile, HeaderWithoutRowsIsAnError) {
  const std::string text = "symbol,ts,open,high,low,close,volume\n";
  const auto check = CheckFile(text, ParserOf(BarShape(), text), CancelToken(), [](double) {});
  EXPECT_THAT(std::string(check.status().message()), HasSubstr("header and no rows"));
}

TEST(CheckFile, StopsWhenCancelled) {
  const std::string text = BarsText(10'000);
  CancelToken cancel;
  cancel.Cancel();
  const auto check = CheckFile(text, ParserOf(BarShape(), text), cancel, [](double) {});
  EXPECT_EQ(check.status().code(), absl::StatusCode::kCancelled);
}

TEST(ReadHeader, EmptyTextIsAnError) {
  for (const char* text : {"", "\n\n", "\xEF\xBB\xBF"}) {
    EXPECT_THAT(std::string(ReadHeader(text).status().message()), HasSubstr("empty"));
  }
}

TEST(BatchSource, CarriesEveryRowOnceAndInOrder) {
  const auto batches = BatchesOf(BarShape(), BarsText(40'000));
  int64_t line = 2;
  for (const PreparedBatch& batch : batches) {
    const auto rows = columns::FromProto(batch.message.batch().rows());
    ASSERT_TRUE(rows.ok()) << rows.status();
    ASSERT_EQ(rows->rows, batch.rows());
    for (size_t i = 0; i < rows->rows; ++i, ++line) {
      ASSERT_EQ(batch.lines[i], line);
      ASSERT_EQ(rows->Find("volume")->float64[i], static_cast<double>(line - 2));
      ASSERT_EQ(rows->Find("symbol")->text(i), line % 2 == 0 ? "SPY" : "BAC");
    }
  }
  EXPECT_EQ(line, 40'002);
}

TEST(BatchSource, BatchesAreFullAndBelowTheMessageLimit) {
  const auto batches = BatchesOf(BarShape(), BarsText(40'000));
  ASSERT_EQ(batches.size(), 3u);
  EXPECT_EQ(batches[0].rows(), kMaxBatchRows);
  for (const PreparedBatch& batch : batches) {
    EXPECT_LE(batch.message.ByteSizeLong(), kMessageLimit);
  }
}

TEST(BatchSource, LongTextsMakeBatchesOfFewerRows) {
  std::string text = "name,at\n";
  for (int i = 0; i < 300; ++i) {
    text += std::to_string(i) + std::string(10'000, 'x') + ",2024-01-02\n";
  }
  text += std::string(kMaxRowTextBytes, 'y') + ",2024-01-02\n";
  DatasetShape shape = EveryTypeShape();
  shape.columns.resize(2);
  const auto batches = BatchesOf(shape, text);
  size_t rows = 0;
  for (const PreparedBatch& batch : batches) {
    EXPECT_LE(batch.message.ByteSizeLong(), kMessageLimit);
    rows += batch.rows();
  }
  EXPECT_EQ(rows, 301u);
  EXPECT_GT(batches.size(), 3u);
}

TEST(BatchSource, NullsSurviveTheWayThrough) {
  const auto batches = BatchesOf(EveryTypeShape(),
                                 "name,at,number,whole,flag,day\n"
                                 "a,2024-01-02,,1,,2024-01-02\n"
                                 "b,2024-01-03,2.5,,yes,\n");
  ASSERT_EQ(batches.size(), 1u);
  const auto rows = columns::FromProto(batches[0].message.batch().rows());
  ASSERT_TRUE(rows.ok()) << rows.status();
  EXPECT_FALSE(rows->Find("number")->validity.valid(0));
  EXPECT_TRUE(rows->Find("number")->validity.valid(1));
  EXPECT_FALSE(rows->Find("whole")->validity.valid(1));
  EXPECT_EQ(rows->Find("flag")->boolean[1], 1);
  EXPECT_TRUE(rows->Find("name")->validity.all_valid());
}

TEST(BatchSource, EqualRowsGiveEqualIds) {
  const std::string text = BarsText(20'000);
  const auto first = BatchesOf(BarShape(), text);
  // The same rows in another dress: CRLF and a byte order mark.
  std::string dressed = "\xEF\xBB\xBF";
  for (const char c : text) dressed += c == '\n' ? "\r\n" : std::string(1, c);
  const auto second = BatchesOf(BarShape(), dressed);
  ASSERT_EQ(first.size(), 2u);
  ASSERT_EQ(second.size(), 2u);
  for (size_t i = 0; i < first.size(); ++i) EXPECT_EQ(first[i].id(), second[i].id());
  EXPECT_NE(first[0].id(), first[1].id());
  EXPECT_EQ(first[0].id().size(), 32u);
  EXPECT_EQ(first[0].id().find_first_not_of("0123456789abcdef"), std::string::npos);
}

TEST(BatchSource, DatasetRunAndContentMakeOtherIds) {
  const std::string text = BarsText(3);
  std::string other_text = text;
  other_text[other_text.find("1.5")] = '3';
  DatasetShape other_dataset = BarShape();
  other_dataset.name = "fact_bars2";
  const std::set<std::string> ids = {
      BatchesOf(BarShape(), text)[0].id(), BatchesOf(BarShape(), other_text)[0].id(),
      BatchesOf(other_dataset, text)[0].id(), BatchesOf(BarShape(), text, "again")[0].id()};
  EXPECT_EQ(ids.size(), 4u);
}

TEST(BatchSource, SkipsAndCountsBadRows) {
  const std::string text =
      "name,at\n"
      "a,2024-01-02\n"
      "b,never\n"
      "c,2024-01-03\n";
  DatasetShape shape = EveryTypeShape();
  shape.columns.resize(2);
  const RowParser parser = ParserOf(shape, text);
  BatchSource source(text, parser, BatchBuilder(shape.name, shape.columns));
  const auto batch = source.Next();
  ASSERT_TRUE(batch.ok() && batch->has_value());
  EXPECT_THAT((*batch)->lines, ElementsAre(2, 4));
  EXPECT_EQ(source.rejected(), 1);
  EXPECT_FALSE((*source.Next()).has_value());
}

class InputFileTest : public ::testing::Test {
 protected:
  std::string Path(const std::string& name) const { return ::testing::TempDir() + name; }
};

TEST_F(InputFileTest, MapsAFile) {
  const std::string path = Path("cli_input.csv");
  std::ofstream(path) << "a,b\n1,2\n";
  const auto file = InputFile::Open(path);
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ(file->content(), "a,b\n1,2\n");
  unlink(path.c_str());
}

TEST_F(InputFileTest, EmptyFileHasNoContent) {
  const std::string path = Path("cli_empty.csv");
  std::ofstream(path).close();
  const auto file = InputFile::Open(path);
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_TRUE(file->content().empty());
  unlink(path.c_str());
}

TEST_F(InputFileTest, PipeIsSpooled) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  ASSERT_EQ(write(ends[1], "a\n1\n", 4), 4);
  close(ends[1]);
  const auto file = InputFile::Spool(ends[0]);
  close(ends[0]);
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ(file->content(), "a\n1\n");
}

TEST_F(InputFileTest, MissingFileAndFolderAreErrors) {
  EXPECT_EQ(InputFile::Open(Path("cli_no_such_file")).status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(InputFile::Open("/").status().message()), HasSubstr("is a folder"));
}

}  // namespace
}  // namespace metricstore::cli
