// Raw windows on a real database: order, snapshot, columns, sizes.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/columns/proto_conversion.h"
#include "gmock/gmock.h"
#include "registry_service/windows/batch_builder.h"
#include "registry_service/windows/window_sql.h"
#include "tests/integration/data/data_fixture.h"

namespace metricstore::registry {
namespace {

using ::metricstore::testing::IsOk;
using ::metricstore::testing::StatusIs;
using ::metricstore::testing::ViolatesField;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class WindowReaderTest : public DataTest {
 protected:
  absl::Status Read(const WindowQuery& query, const std::string& dataset = "fact_bars") {
    batches_.clear();
    return windows_.Read(
        project_, *DatasetOf(dataset), query, {},
        [this](columns::ColumnBatch batch) {
          batches_.push_back(std::move(batch));
          return absl::OkStatus();
        },
        reading_);
  }

  // "symbol minute" of every row.
  std::vector<std::string> Rows() const {
    std::vector<std::string> rows;
    for (const columns::ColumnBatch& batch : batches_) {
      for (size_t i = 0; i < batch.rows; ++i) {
        const auto minute = (FromMicros(batch.columns[1].int64[i]) - Minute(0)) / absl::Minutes(1);
        rows.push_back(absl::StrCat(std::string(batch.columns[0].text(i)), " ", minute));
      }
    }
    return rows;
  }

  static WindowQuery Query(const std::vector<std::string>& entities, int from, int to,
                           const std::vector<std::string>& columns = {"close"}) {
    return {.entities = entities, .range = {Minute(from), Minute(to)}, .columns = columns};
  }

  std::vector<columns::ColumnBatch> batches_;
  WindowReading reading_;
};

TEST_F(WindowReaderTest, RowsComeByEntityAndTimeWithinTheHalfOpenInterval) {
  ASSERT_OK(Store(Bars("a", {{"b", Minute(2)},
                             {"B", Minute(1)},
                             {"b", Minute(0)},
                             {"B", Minute(5)},
                             {"\xC3\x9C", Minute(1)},
                             {"b", Minute(6)}})));
  ASSERT_OK(Read(Query({}, 0, 6)));
  EXPECT_THAT(Rows(), ElementsAre("B 1", "B 5", "b 0", "b 2", "\xC3\x9C 1"));
  ASSERT_OK(Read(Query({"b", "B", "b", "absent"}, 1, 6)));
  EXPECT_THAT(Rows(), ElementsAre("B 1", "B 5", "b 2"));
}

TEST_F(WindowReaderTest, TheWatermarkGrowsWithEveryCommitThatIsSeen) {
  ASSERT_OK(Read(Query({}, 0, 6)));
  const int64_t before = reading_.watermark;
  EXPECT_GT(before, 0);
  ASSERT_OK(Read(Query({}, 0, 6)));
  EXPECT_EQ(reading_.watermark, before);
  ASSERT_OK(Store(Bars("a", {{"A", Minute(0)}})));
  ASSERT_OK(Read(Query({}, 0, 6)));
  EXPECT_GT(reading_.watermark, before);
}

TEST_F(WindowReaderTest, ATransactionInProgressIsNotInTheWatermarkUntilItCommits) {
  ASSERT_OK(Read(Query({}, 0, 6)));
  const int64_t before = reading_.watermark;
  ASSERT_OK(pool_.Run({}, pg::TransactionMode::kReadWrite, [&](pg::Transaction& open) {
    EXPECT_OK(open.ExecuteDynamic("begin", "CREATE TABLE in_progress (x integer)"));
    EXPECT_OK(Read(Query({}, 0, 6)));
    EXPECT_EQ(reading_.watermark, before);
    return absl::OkStatus();
  }));
  ASSERT_OK(Read(Query({}, 0, 6)));
  EXPECT_GT(reading_.watermark, before);
}

TEST_F(WindowReaderTest, ManyEntitiesComeInTheSameOrderAsFew) {
  std::vector<Bar> bars;
  std::vector<std::string> entities;
  for (int i = 99; i >= 0; --i) {
    entities.push_back(absl::StrCat("S", i));
    for (int minute : {3, 1}) bars.push_back({entities.back(), Minute(minute)});
  }
  ASSERT_OK(Store(Bars("a", bars)));
  ASSERT_OK(Read(Query(entities, 0, 10)));
  const std::vector<std::string> rows = Rows();
  ASSERT_EQ(rows.size(), 200u);
  std::vector<std::string> one_by_one;
  std::sort(entities.begin(), entities.end());
  for (const std::string& entity : entities) {
    ASSERT_OK(Read(Query({entity}, 0, 10)));
    for (const std::string& row : Rows()) one_by_one.push_back(row);
  }
  EXPECT_EQ(rows, one_by_one);
}

TEST_F(WindowReaderTest, ColumnsAreEntityTimeAndThoseAskedForInOrder) {
  IncomingBatch batch = Bars("a", {{"SPY", Minute(0), 3, 7}, {"SPY", Minute(1), 4, 8}});
  batch.rows.columns.push_back(TextColumn("note", {"x", ""}));
  batch.rows.columns.back().validity.SetNull(0, 2);
  ASSERT_OK(Store(batch));
  ASSERT_OK(Read(Query({"SPY"}, 0, 9, {"volume", "ts", "note", "close", "volume"})));
  ASSERT_EQ(batches_.size(), 1u);
  std::vector<std::string> names;
  for (const columns::Column& column : batches_[0].columns) names.push_back(column.name);
  EXPECT_THAT(names, ElementsAre("symbol", "ts", "volume", "note", "close"));
  EXPECT_THAT(batches_[0].columns[2].float64, ElementsAre(7, 8));
  EXPECT_THAT(batches_[0].columns[4].float64, ElementsAre(3, 4));
  const columns::Column& note = batches_[0].columns[3];
  EXPECT_FALSE(note.validity.valid(0));
  EXPECT_TRUE(note.validity.valid(1));
  EXPECT_EQ(note.text(1), "");
}

TEST_F(WindowReaderTest, NoRowsGiveNoBatch) {
  ASSERT_OK(Read(Query({}, 0, 10)));
  EXPECT_TRUE(batches_.empty());
  StoreMinutes("SPY", Minute(0), 3);
  ASSERT_OK(Read(Query({"SPY"}, 3, 10)));
  EXPECT_TRUE(batches_.empty());
}

TEST_F(WindowReaderTest, BatchesFitIntoAMessageAndLoseNothing) {
  constexpr int kRows = 50'000;
  StoreMinutes("SPY", Minute(0), kRows);
  ASSERT_OK(Read(Query({"SPY"}, 0, kRows, {"close", "volume", "note"})));
  EXPECT_GT(batches_.size(), 1u);
  size_t rows = 0;
  for (const columns::ColumnBatch& batch : batches_) {
    common::v1::ColumnBatch proto;
    columns::ToProto(batch, &proto);
    EXPECT_LE(proto.ByteSizeLong(), size_t{1} << 20);
    EXPECT_OK(columns::FromProto(proto));
    EXPECT_EQ(batch.columns[4].validity.bits().size(), (batch.rows + 7) / 8);
    for (size_t i = 0; i < batch.rows; ++i) {
      ASSERT_EQ(batch.columns[1].int64[i], ToMicros(Minute(static_cast<int>(rows + i))));
      ASSERT_EQ(batch.columns[2].float64[i], 1.0 + static_cast<double>(rows + i));
    }
    rows += batch.rows;
  }
  EXPECT_EQ(rows, static_cast<size_t>(kRows));
}

TEST_F(WindowReaderTest, LongTextsEndABatchEarly) {
  std::vector<Bar> bars;
  std::vector<std::string> notes;
  for (int i = 0; i < 40; ++i) {
    bars.push_back({"SPY", Minute(i)});
    notes.push_back(std::string(100'000, static_cast<char>('a' + i % 26)) + std::to_string(i));
  }
  IncomingBatch batch = Bars("a", bars);
  batch.rows.columns.push_back(TextColumn("note", notes));
  ASSERT_OK(Store(batch));
  ASSERT_OK(Read(Query({"SPY"}, 0, 100, {"note"})));
  EXPECT_EQ(batches_.size(), 5u);
  for (const columns::ColumnBatch& part : batches_) {
    common::v1::ColumnBatch proto;
    columns::ToProto(part, &proto);
    EXPECT_LE(proto.ByteSizeLong(), kMaxWindowBatchBytes);
  }
  EXPECT_EQ(Rows().size(), 40u);
}

TEST_F(WindowReaderTest, AllRowsAreOfOneSnapshot) {
  StoreMinutes("A", Minute(0), 30'000);
  StoreMinutes("B", Minute(0), 10);
  size_t rows = 0;
  bool changed = false;
  const auto sink = [&](columns::ColumnBatch batch) {
    if (!changed) Execute("DELETE FROM fact_bars WHERE symbol = 'B' OR ts > '2024-01-05'");
    changed = true;
    rows += batch.rows;
    return absl::OkStatus();
  };
  ASSERT_OK(windows_.Read(project_, *DatasetOf("fact_bars"), Query({"A", "B"}, 0, 40'000), {}, sink,
                          reading_));
  EXPECT_EQ(rows, 30'010u);
}

TEST_F(WindowReaderTest, SinkThatFailsEndsTheReading) {
  StoreMinutes("A", Minute(0), 50'000);
  int calls = 0;
  const auto sink = [&](columns::ColumnBatch) {
    ++calls;
    return absl::CancelledError("enough");
  };
  const absl::Status status =
      windows_.Read(project_, *DatasetOf("fact_bars"), Query({"A"}, 0, 50'000), {}, sink, reading_);
  EXPECT_EQ(status.code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(pool_.connections_in_use(), 0);
}

TEST_F(WindowReaderTest, OtherProjectsRowsAreNotSeen) {
  StoreMinutes("SPY", Minute(0), 3);
  Execute(
      "INSERT INTO fact_bars (project_id, symbol, ts, close, volume) "
      "SELECT 77, symbol, ts, close, volume FROM fact_bars");
  ASSERT_OK(Read(Query({"SPY"}, 0, 10)));
  EXPECT_EQ(Rows().size(), 3u);
}

TEST_F(WindowReaderTest, DatasetWithoutEntitiesStartsWithItsTime) {
  const IncomingBatch ticks{
      .batch_id = "a",
      .content_sha256 = "a",
      .rows = BatchOf({TimeColumn("ts", {Minute(1), Minute(0), Minute(0)}),
                       IntColumn("seq", {1, 2, 1}), FloatColumn("price", {1, 2, 3})})};
  ASSERT_OK(Store(ticks, "fact_ticks"));
  ASSERT_OK(Read(Query({""}, 0, 9, {"price"}), "fact_ticks"));
  ASSERT_EQ(batches_.size(), 1u);
  EXPECT_EQ(batches_[0].columns[0].name, "ts");
  EXPECT_THAT(batches_[0].columns[1].float64, ElementsAre(3, 2, 1));
  EXPECT_THAT(Read(Query({"SPY"}, 0, 9, {"price"}), "fact_ticks"), ViolatesField("entities"));
}

TEST_F(WindowReaderTest, BadQueriesAreRefused) {
  EXPECT_THAT(Read(Query({}, 5, 5)),
              StatusIs(absl::StatusCode::kInvalidArgument, "INTERVAL_REVERSED"));
  EXPECT_THAT(Read(Query({}, 0, 5, {"closing"})),
              StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_INVALID"));
  EXPECT_THAT(Read(Query({}, 0, 5, {}), "metadata_symbols"), ViolatesField("dataset"));
  EXPECT_THAT(Read(Query(std::vector<std::string>(10'001, "a"), 0, 5)), ViolatesField("entities"));
}

TEST_F(WindowReaderTest, OneEntityIsReadInTheOrderOfThePrimaryKey) {
  for (const char* symbol : {"A", "B", "C"}) StoreMinutes(symbol, Utc(2024, 1, 30), 5'000);
  Execute("ANALYZE fact_bars");
  const auto dataset = DatasetOf("fact_bars");
  const WindowQuery query{
      .entities = {"B"}, .range = {Utc(2024, 1, 30), Utc(2024, 2, 2)}, .columns = {"close"}};
  const auto columns = WindowColumns(*dataset, query);
  ASSERT_OK(columns);
  const auto selects = WindowSelects(project_, *dataset, query, *columns);
  ASSERT_EQ(selects.size(), 1u);
  std::string plan;
  ASSERT_OK(pool_.Run({}, pg::TransactionMode::kReadOnly, [&](pg::Transaction& transaction) {
    const auto rows = transaction.ExecuteDynamic("explain", "EXPLAIN " + selects[0]);
    if (!rows.ok()) return rows.status();
    for (const pg::Row row : *rows) absl::StrAppend(&plan, std::string(row.Text(0)), "\n");
    return absl::OkStatus();
  }));
  EXPECT_THAT(plan, HasSubstr("Index Scan"));
  EXPECT_THAT(plan, Not(HasSubstr("Sort")));
}

}  // namespace
}  // namespace metricstore::registry
