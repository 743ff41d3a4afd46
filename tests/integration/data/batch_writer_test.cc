// Batches of raw rows on a real database.
#include <atomic>
#include <cmath>
#include <thread>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/integration/data/data_fixture.h"

namespace metricstore::registry {
namespace {

using ::metricstore::testing::HasMetadata;
using ::metricstore::testing::IsOk;
using ::metricstore::testing::StatusIs;
using ::metricstore::testing::ViolatesField;
using ::testing::AllOf;
using ::testing::Field;

auto Counts(int64_t inserted, int64_t updated, int64_t unchanged, int64_t rejected) {
  return AllOf(Field("inserted", &BatchResult::inserted_rows, inserted),
               Field("updated", &BatchResult::updated_rows, updated),
               Field("unchanged", &BatchResult::unchanged_rows, unchanged),
               Field("rejected", &BatchResult::rejected_rows, rejected));
}

class BatchWriterTest : public DataTest {
 protected:
  std::string Stored() {
    return Select(
        "SELECT symbol, to_char(ts AT TIME ZONE 'UTC', 'HH24:MI') AS ts, close "
        "FROM fact_bars ORDER BY 1, 2");
  }
  std::string Entities(const std::string& dataset = "fact_bars") {
    return Select(absl::StrCat(
        "SELECT entity, row_count, to_char(oldest_at AT TIME ZONE 'UTC', 'MM-DD HH24:MI') AS o, "
        "to_char(newest_at AT TIME ZONE 'UTC', 'MM-DD HH24:MI') AS n FROM dataset_entities WHERE "
        "dataset = '",
        dataset, "' ORDER BY entity"));
  }
};

TEST_F(BatchWriterTest, StoresRowsAndCountsThem) {
  const auto result = Store(Bars("a", {{"SPY", Minute(0), 1}, {"SPY", Minute(1), 2}}));
  ASSERT_OK(result);
  EXPECT_THAT(*result, Counts(2, 0, 0, 0));
  EXPECT_FALSE(result->already_stored);
  EXPECT_EQ(Stored(), "SPY|00:00|1\nSPY|00:01|2\n");
  EXPECT_EQ(Entities(), "SPY|2|01-02 00:00|01-02 00:01\n");
}

TEST_F(BatchWriterTest, SameBatchAgainChangesNothingAndGivesTheFirstCounts) {
  const IncomingBatch batch = Bars("a", {{"SPY", Minute(0), 1}});
  ASSERT_OK(Store(batch));
  const auto again = Store(batch);
  ASSERT_OK(again);
  EXPECT_TRUE(again->already_stored);
  EXPECT_THAT(*again, Counts(1, 0, 0, 0));
  EXPECT_EQ(Entities(), "SPY|1|01-02 00:00|01-02 00:00\n");
}

TEST_F(BatchWriterTest, BatchIdWithOtherContentIsRefused) {
  ASSERT_OK(Store(Bars("a", {{"SPY", Minute(0), 1}}, "one")));
  const auto result = Store(Bars("a", {{"SPY", Minute(1), 1}}, "two"));
  EXPECT_THAT(result, StatusIs(absl::StatusCode::kAlreadyExists, "BATCH_ID_REUSED"));
  EXPECT_THAT(result, HasMetadata("batch_id", "a"));
  EXPECT_THAT(result, HasMetadata("dataset", "fact_bars"));
  EXPECT_EQ(Stored(), "SPY|00:00|1\n");
}

TEST_F(BatchWriterTest, LastOfTheRowsWithOneGrainWins) {
  const auto result = Store(Bars("a", {{"SPY", Minute(1), 1},
                                       {"SPY", Minute(0), 2},
                                       {"SPY", Minute(1), 3},
                                       {"SPY", Minute(1), 4}}));
  ASSERT_OK(result);
  EXPECT_THAT(*result, Counts(2, 0, 2, 0));
  EXPECT_EQ(Stored(), "SPY|00:00|2\nSPY|00:01|4\n");
}

TEST_F(BatchWriterTest, CorrectionsReplaceAndEqualRowsAreLeftAlone) {
  ASSERT_OK(Store(Bars("a", {{"SPY", Minute(0), 1}, {"SPY", Minute(1), 2}})));
  const std::string places = Select("SELECT ctid::text FROM fact_bars ORDER BY ts");
  const auto equal = Store(Bars("b", {{"SPY", Minute(0), 1}, {"SPY", Minute(1), 2}}));
  ASSERT_OK(equal);
  EXPECT_THAT(*equal, Counts(0, 0, 2, 0));
  EXPECT_EQ(Select("SELECT ctid::text FROM fact_bars ORDER BY ts"), places);
  const auto mixed =
      Store(Bars("c", {{"SPY", Minute(0), 1}, {"SPY", Minute(1), 9}, {"SPY", Minute(2), 3}}));
  ASSERT_OK(mixed);
  EXPECT_THAT(*mixed, Counts(1, 1, 1, 0));
  EXPECT_EQ(Stored(), "SPY|00:00|1\nSPY|00:01|9\nSPY|00:02|3\n");
  EXPECT_EQ(Entities(), "SPY|3|01-02 00:00|01-02 00:02\n");
}

TEST_F(BatchWriterTest, LateRowsGoBetweenStoredOnes) {
  ASSERT_OK(Store(Bars("a", {{"SPY", Minute(10), 1}, {"SPY", Minute(20), 2}})));
  ASSERT_OK(Store(Bars("older", {{"SPY", Minute(5), 0}})));
  const auto between = Store(Bars("between", {{"SPY", Minute(15), 5}}));
  ASSERT_OK(between);
  EXPECT_THAT(*between, Counts(1, 0, 0, 0));
  EXPECT_EQ(Stored(), "SPY|00:05|0\nSPY|00:10|1\nSPY|00:15|5\nSPY|00:20|2\n");
  EXPECT_EQ(Entities(), "SPY|4|01-02 00:05|01-02 00:20\n");
}

TEST_F(BatchWriterTest, NullableColumnLeftOutIsNullAndErasesAValue) {
  IncomingBatch batch = Bars("a", {{"SPY", Minute(0), 1}});
  batch.rows.columns.push_back(TextColumn("note", {"halted"}));
  ASSERT_OK(Store(batch));
  EXPECT_EQ(Select("SELECT note FROM fact_bars"), "halted\n");
  const auto result = Store(Bars("b", {{"SPY", Minute(0), 1}}));
  ASSERT_OK(result);
  EXPECT_THAT(*result, Counts(0, 1, 0, 0));
  EXPECT_EQ(Select("SELECT note FROM fact_bars"), "-\n");
}

TEST_F(BatchWriterTest, RowsOfManyMonthsAndEntitiesAreStoredInOneBatch) {
  std::vector<Bar> bars;
  for (int month = 1; month <= 12; ++month) {
    for (const char* symbol : {"SPY", "AAPL", "\xC3\x9C"})
      bars.push_back({symbol, Utc(2023, month, 5), 1});
  }
  const auto result = Store(Bars("a", bars));
  ASSERT_OK(result);
  EXPECT_THAT(*result, Counts(36, 0, 0, 0));
  EXPECT_EQ(Entities(),
            "AAPL|12|01-05 00:00|12-05 00:00\nSPY|12|01-05 00:00|12-05 00:00\n"
            "\xC3\x9C|12|01-05 00:00|12-05 00:00\n");
}

TEST_F(BatchWriterTest, RowsThatCannotBeStoredAreListedAndTheOthersStored) {
  IncomingBatch batch = Bars("a", {{"SPY", Minute(0), 1},
                                   {"", Minute(1), 1},
                                   {"SPY", absl::FromUnixSeconds(-3'000'000'000), 1},
                                   {"SPY", Minute(3), std::nan("")},
                                   {"SPY", Minute(4), 1},
                                   {std::string(1025, 'x'), Minute(5), 1}});
  batch.rows.columns[3].validity.SetNull(4, 6);
  const auto result = Store(batch);
  ASSERT_OK(result);
  EXPECT_THAT(*result, Counts(1, 0, 0, 5));
  ASSERT_EQ(result->rejects.size(), 5u);
  EXPECT_EQ(result->rejects[0].row, 1u);
  EXPECT_EQ(result->rejects[0].column, "symbol");
  EXPECT_EQ(result->rejects[1].column, "ts");
  EXPECT_EQ(result->rejects[2].column, "close");
  EXPECT_EQ(result->rejects[3].column, "volume");
  EXPECT_EQ(result->rejects[4].column, "symbol");
  EXPECT_EQ(Stored(), "SPY|00:00|1\n");
}

TEST_F(BatchWriterTest, FirstHundredRejectsAreListedAndAllCounted) {
  std::vector<Bar> bars;
  for (int i = 0; i < 150; ++i) bars.push_back({"", Minute(i), 1});
  const auto result = Store(Bars("a", bars));
  ASSERT_OK(result);
  EXPECT_THAT(*result, Counts(0, 0, 0, 150));
  EXPECT_EQ(result->rejects.size(), 100u);
  const auto again = Store(Bars("a", bars));
  ASSERT_OK(again);
  EXPECT_THAT(*again, Counts(0, 0, 0, 150));
  EXPECT_TRUE(again->rejects.empty());
}

TEST_F(BatchWriterTest, MalformedBatchesAreRefusedWithTheirColumn) {
  IncomingBatch unknown = Bars("a", {{"SPY", Minute(0), 1}});
  unknown.rows.columns.push_back(FloatColumn("volumes", {1}));
  EXPECT_THAT(Store(unknown), StatusIs(absl::StatusCode::kInvalidArgument, "BATCH_INVALID"));
  EXPECT_THAT(Store(unknown), HasMetadata("column", "volumes"));

  IncomingBatch missing = Bars("b", {{"SPY", Minute(0), 1}});
  missing.rows.columns.pop_back();
  EXPECT_THAT(Store(missing), StatusIs(absl::StatusCode::kInvalidArgument, "BATCH_INVALID"));
  EXPECT_THAT(Store(missing), HasMetadata("column", "volume"));

  IncomingBatch wrong_type = Bars("c", {{"SPY", Minute(0), 1}});
  wrong_type.rows.columns[3] = IntColumn("volume", {1});
  EXPECT_THAT(Store(wrong_type), StatusIs(absl::StatusCode::kInvalidArgument, "BATCH_INVALID"));
  EXPECT_THAT(Store(wrong_type), HasMetadata("column", "volume"));

  EXPECT_THAT(Store(Bars("d", {})), StatusIs(absl::StatusCode::kInvalidArgument, "BATCH_INVALID"));
  EXPECT_EQ(Number("SELECT count(*) FROM ingest_batches"), 0);
}

TEST_F(BatchWriterTest, BatchIdsAreChecked) {
  EXPECT_THAT(Store(Bars("", {{"SPY", Minute(0), 1}}, "x")),
              StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_REQUIRED"));
  EXPECT_THAT(Store(Bars("a\nb", {{"SPY", Minute(0), 1}})),
              StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_INVALID"));
  EXPECT_THAT(Store(Bars(std::string(201, 'a'), {{"SPY", Minute(0), 1}})),
              ViolatesField("batch_id"));
}

TEST_F(BatchWriterTest, DatasetWithoutEntitiesIsCountedAsOne) {
  IncomingBatch batch{
      .batch_id = "a",
      .content_sha256 = "a",
      .rows = BatchOf({TimeColumn("ts", {Minute(0), Minute(0), Minute(1)}),
                       IntColumn("seq", {2, 1, 1}), FloatColumn("price", {1, 2, 3})})};
  ASSERT_OK(Store(batch, "fact_ticks"));
  batch.batch_id = batch.content_sha256 = "b";
  batch.rows.columns[2] = FloatColumn("price", {1, 2, 4});
  const auto result = Store(batch, "fact_ticks");
  ASSERT_OK(result);
  EXPECT_THAT(*result, Counts(0, 1, 2, 0));
  EXPECT_EQ(Entities("fact_ticks"), "|3|01-02 00:00|01-02 00:01\n");
}

TEST_F(BatchWriterTest, DatasetWithoutTimeKeepsNoTimes) {
  const IncomingBatch batch{
      .batch_id = "a",
      .content_sha256 = "a",
      .rows = BatchOf({TextColumn("symbol", {"SPY", "QQQ"}), TextColumn("title", {"S", "Q"})})};
  const auto result = Store(batch, "metadata_symbols");
  ASSERT_OK(result);
  EXPECT_THAT(*result, Counts(2, 0, 0, 0));
  EXPECT_EQ(Entities("metadata_symbols"), "QQQ|1|-|-\nSPY|1|-|-\n");
}

TEST_F(BatchWriterTest, RowThatChangesItsEntityIsCountedWhereItIs) {
  const auto orders = [](const std::string& id, const std::vector<std::string>& customers) {
    return IncomingBatch{
        .batch_id = id,
        .content_sha256 = id,
        .rows =
            BatchOf({IntColumn("order_id", {1, 2}), TimeColumn("placed_at", {Minute(0), Minute(1)}),
                     TextColumn("customer", customers), FloatColumn("amount", {5, 6})})};
  };
  ASSERT_OK(Store(orders("a", {"ann", "bob"}), "event_orders"));
  const auto moved = Store(orders("b", {"ann", "cleo"}), "event_orders");
  ASSERT_OK(moved);
  EXPECT_THAT(*moved, Counts(0, 1, 1, 0));
  EXPECT_EQ(Select("SELECT entity, row_count FROM dataset_entities ORDER BY 1"),
            "ann|1\nbob|0\ncleo|1\n");
}

TEST_F(BatchWriterTest, KeepsTheTimesOfTheRowsThatABatchChanged) {
  const auto times_of = [&](const std::string& batch) {
    return Select(
        absl::StrCat("SELECT to_char(first_row_at AT TIME ZONE 'UTC', 'HH24:MI') AS f, "
                     "to_char(last_row_at AT TIME ZONE 'UTC', 'HH24:MI') AS l, "
                     "created_xid IS NOT NULL AS x FROM ingest_batches WHERE batch_id = '",
                     batch, "'"));
  };
  ASSERT_OK(Store(Bars("appended", {{"SPY", Minute(5), 1}, {"QQQ", Minute(9), 1}})));
  EXPECT_EQ(times_of("appended"), "00:05|00:09|true\n");
  ASSERT_OK(Store(Bars("late", {{"SPY", Minute(5), 1},
                                {"SPY", Minute(6), 1},
                                {"SPY", Minute(4), 1},
                                {"QQQ", Minute(9), 1}})));
  EXPECT_EQ(times_of("late"), "00:04|00:06|true\n");
  ASSERT_OK(Store(
      Bars("corrected", {{"SPY", Minute(4), 1}, {"SPY", Minute(6), 2}, {"QQQ", Minute(9), 2}})));
  EXPECT_EQ(times_of("corrected"), "00:06|00:09|true\n");
  ASSERT_OK(Store(Bars("same", {{"SPY", Minute(4), 1}, {"QQQ", Minute(9), 2}})));
  EXPECT_EQ(times_of("same"), "-|-|true\n");
}

TEST_F(BatchWriterTest, DroppedPartitionIsMadeAnew) {
  ASSERT_OK(Store(Bars("a", {{"SPY", Minute(0), 1}})));
  Execute("DROP TABLE fact_bars_p2024_01");
  const auto result = Store(Bars("b", {{"SPY", Minute(1), 2}}));
  ASSERT_OK(result);
  EXPECT_THAT(*result, Counts(1, 0, 0, 0));
  EXPECT_EQ(Stored(), "SPY|00:01|2\n");
}

TEST_F(BatchWriterTest, RowsThatCameAnotherWayAreMergedWith) {
  ASSERT_OK(Store(Bars("a", {{"SPY", Minute(0), 1}})));
  Execute(
      "INSERT INTO fact_bars (project_id, symbol, ts, close, volume) "
      "VALUES (1, 'SPY', '2024-01-02 00:01Z', 7, 100)");
  const auto result = Store(Bars("b", {{"SPY", Minute(1), 2}, {"SPY", Minute(2), 3}}));
  ASSERT_OK(result);
  EXPECT_THAT(*result, Counts(1, 1, 0, 0));
}

TEST_F(BatchWriterTest, ConcurrentBatchesOfTheSameEntitiesAreAllStored) {
  constexpr int kWriters = 8;
  constexpr int kBatches = 5;
  std::vector<absl::Status> outcomes(kWriters);
  std::vector<std::thread> writers;
  for (int writer = 0; writer < kWriters; ++writer) {
    writers.emplace_back([&, writer] {
      for (int n = 0; n < kBatches; ++n) {
        std::vector<Bar> bars;  // the entities in another order for every writer
        for (int i = 0; i < 20; ++i) {
          bars.push_back(
              {absl::StrCat("S", (i * 7 + writer) % 10), Minute(n * 20 + i), 1.0 * writer});
        }
        const auto stored = Store(Bars(absl::StrCat(writer, "/", n), bars));
        if (!stored.ok()) outcomes[writer] = stored.status();
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  for (const absl::Status& outcome : outcomes) EXPECT_OK(outcome);
  EXPECT_EQ(Number("SELECT count(*) FROM ingest_batches"), kWriters * kBatches);
  EXPECT_EQ(Number("SELECT sum(row_count)::bigint FROM dataset_entities"),
            Number("SELECT count(*) FROM fact_bars"));
  EXPECT_EQ(Number("SELECT sum(inserted_rows)::bigint FROM ingest_batches"),
            Number("SELECT count(*) FROM fact_bars"));
}

TEST_F(BatchWriterTest, SameBatchSentByManyIsStoredOnce) {
  const IncomingBatch batch = Bars("a", {{"SPY", Minute(0), 1}, {"SPY", Minute(1), 1}});
  std::atomic<int> first = 0;
  std::vector<std::thread> senders;
  for (int i = 0; i < 10; ++i) {
    senders.emplace_back([&] {
      const auto result = Store(batch);
      EXPECT_OK(result);
      if (result.ok() && !result->already_stored) ++first;
    });
  }
  for (std::thread& sender : senders) sender.join();
  EXPECT_EQ(first, 1);
  EXPECT_EQ(Entities(), "SPY|2|01-02 00:00|01-02 00:01\n");
}

TEST_F(BatchWriterTest, CancelledBatchLeavesNothing) {
  CallBounds bounds;
  bounds.cancel.Cancel();
  const auto result =
      writer_.Store(project_, *DatasetOf("fact_bars"), Bars("a", {{"SPY", Minute(0), 1}}), bounds);
  EXPECT_THAT(result, StatusIs(absl::StatusCode::kCancelled, "CANCELLED"));
  EXPECT_EQ(Number("SELECT count(*) FROM ingest_batches"), 0);
}

}  // namespace
}  // namespace metricstore::registry
