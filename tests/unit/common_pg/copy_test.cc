#include "common/pg/copy.h"

#include <cmath>
#include <limits>
#include <memory>
#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "tests/unit/common_pg/fixture.h"

namespace metricstore::pg {
namespace {

using ::metricstore::testing::IsOkAndHolds;
using ::metricstore::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::ElementsAreArray;

constexpr auto kWrite = TransactionMode::kReadWrite;
constexpr auto kSnapshot = TransactionMode::kReadOnlySnapshot;
constexpr int64_t kInfiniteTime = std::numeric_limits<int64_t>::max();

class CopyTest : public PgTest {
 protected:
  // Copies rows in through `fill`, which also finishes.
  absl::Status CopyIn(const std::string& target,
                      absl::FunctionRef<absl::Status(CopyWriter&)> fill) {
    return pool_.Run({}, kWrite, [&](Transaction& transaction) {
      auto writer = transaction.CopyIn("copy in", target);
      if (!writer.ok()) return writer.status();
      return fill(**writer);
    });
  }
  // Calls `read` with every row of `query`.
  absl::Status CopyOut(const std::string& query, absl::FunctionRef<void(const CopyReader&)> read) {
    return pool_.Run({}, kSnapshot, [&](Transaction& transaction) {
      auto reader = transaction.CopyOut("copy out", query);
      if (!reader.ok()) return reader.status();
      while (true) {
        const absl::StatusOr<bool> more = (*reader)->NextRow();
        if (!more.ok() || !*more) return more.status();
        read(**reader);
      }
    });
  }
};

TEST_F(CopyTest, EveryTypeRoundTrips) {
  ASSERT_OK(
      Run(R"(CREATE TABLE t (a text, b jsonb, c float8, d bigint, e integer, f smallint, g boolean,
                   h timestamptz, i date, j float8[], k timestamptz[], l smallint[]))"));
  const std::vector<double> doubles = {0.1, -0.0, std::numeric_limits<double>::infinity()};
  const std::vector<int64_t> times = {0, -1, 1'710'081'000'123'456, kInfiniteTime};
  const std::vector<int16_t> smalls = {-32768, 0, 32767};
  ASSERT_OK(CopyIn("t (a, b, c, d, e, f, g, h, i, j, k, l)", [&](CopyWriter& writer) {
    writer.StartRow(12);
    writer.PutText("žluť 株 🙂 \t\\N");
    writer.PutJsonb(R"({"a": [1, "ž"]})");
    writer.PutFloat64(1.0 / 3);
    writer.PutInt64(std::numeric_limits<int64_t>::min());
    writer.PutInt32(std::numeric_limits<int32_t>::max());
    writer.PutNull();
    writer.PutBool(true);
    writer.PutTimeMicros(1'710'081'000'123'456);
    writer.PutDateDays(19'792);
    writer.PutFloat64Array(doubles);
    writer.PutTimeMicrosArray(times);
    writer.PutInt16Array(smalls);
    EXPECT_OK(writer.FlushIfLarge());
    EXPECT_THAT(writer.Finish(), IsOkAndHolds(1));
    return absl::OkStatus();
  }));
  const auto text = Run("SELECT a, b::text, h, i, g, f FROM t");
  ASSERT_OK(text);
  EXPECT_EQ(text->Single().Text(0), "žluť 株 🙂 \t\\N");
  EXPECT_EQ(text->Single().Text(1), R"({"a": [1, "ž"]})");
  EXPECT_EQ(text->Single().Time(2), absl::FromUnixMicros(1'710'081'000'123'456));
  EXPECT_EQ(text->Single().Date(3), absl::CivilDay(2024, 3, 10));
  EXPECT_TRUE(text->Single().Bool(4));
  EXPECT_TRUE(text->Single().IsNull(5));
  int rows = 0;
  ASSERT_OK(CopyOut("SELECT a, c, d, e, g, h, i, j, k, l FROM t", [&](const CopyReader& reader) {
    ++rows;
    EXPECT_EQ(reader.Text(0), "žluť 株 🙂 \t\\N");
    EXPECT_EQ(reader.Float64(1), 1.0 / 3);
    EXPECT_EQ(reader.Int64(2), std::numeric_limits<int64_t>::min());
    EXPECT_EQ(reader.Int32(3), std::numeric_limits<int32_t>::max());
    EXPECT_TRUE(reader.Bool(4));
    EXPECT_EQ(reader.TimeMicros(5), 1'710'081'000'123'456);
    EXPECT_EQ(reader.DateDays(6), 19'792);
    std::vector<double> read_doubles;
    std::vector<int64_t> read_times;
    std::vector<int16_t> read_smalls;
    EXPECT_OK(reader.Float64Array(7, read_doubles));
    EXPECT_OK(reader.TimeMicrosArray(8, read_times));
    EXPECT_OK(reader.Int16Array(9, read_smalls));
    EXPECT_THAT(read_doubles, ElementsAreArray(doubles));
    EXPECT_TRUE(std::signbit(read_doubles[1]));
    EXPECT_THAT(read_times, ElementsAreArray(times));
    EXPECT_THAT(read_smalls, ElementsAreArray(smalls));
  }));
  EXPECT_EQ(rows, 1);
}

TEST_F(CopyTest, NullsEmptiesAndInfinities) {
  ASSERT_OK(Run("CREATE TABLE t (n integer, a text, c float8, h timestamptz, i date, j float8[])"));
  ASSERT_OK(CopyIn("t", [](CopyWriter& writer) {
    writer.StartRow(6);
    writer.PutInt32(1);
    for (int i = 0; i < 5; ++i) writer.PutNull();
    writer.StartRow(6);
    writer.PutInt32(2);
    writer.PutText("");
    writer.PutFloat64(-std::numeric_limits<double>::infinity());
    writer.PutTimeMicros(std::numeric_limits<int64_t>::min());
    writer.PutDateDays(std::numeric_limits<int32_t>::max());
    writer.PutFloat64Array({});
    EXPECT_THAT(writer.Finish(), IsOkAndHolds(2));
    return absl::OkStatus();
  }));
  EXPECT_EQ(Number("SELECT count(*) FROM t WHERE h = '-infinity' AND i = 'infinity' AND j = '{}'"),
            1);
  std::vector<bool> nulls;
  ASSERT_OK(CopyOut("SELECT * FROM t ORDER BY n", [&](const CopyReader& reader) {
    for (int i = 1; i < 6; ++i) nulls.push_back(reader.IsNull(i));
    if (reader.IsNull(1)) return;
    EXPECT_EQ(reader.Text(1), "");
    EXPECT_TRUE(std::isinf(reader.Float64(2)));
    EXPECT_EQ(reader.TimeMicros(3), std::numeric_limits<int64_t>::min());
    EXPECT_EQ(reader.DateDays(4), std::numeric_limits<int32_t>::max());
    std::vector<double> empty;
    EXPECT_OK(reader.Float64Array(5, empty));
    EXPECT_THAT(empty, ElementsAre());
  }));
  EXPECT_THAT(nulls, ElementsAre(true, true, true, true, true, false, false, false, false, false));
}

TEST_F(CopyTest, ArraysOfTextsRoundTrip) {
  ASSERT_OK(Run("CREATE TABLE t (a text[], b text[])"));
  const std::vector<std::string> texts = {"", "žluť 🙂", "a,\"b\"", std::string(70'000, 'x')};
  ASSERT_OK(CopyIn("t (a, b)", [&](CopyWriter& writer) {
    writer.StartRow(2);
    writer.PutTextArray(texts);
    writer.PutTextArray({});
    EXPECT_THAT(writer.Finish(), IsOkAndHolds(1));
    return absl::OkStatus();
  }));
  const auto stored = Run("SELECT a[2], cardinality(a), cardinality(b) FROM t");
  ASSERT_OK(stored);
  EXPECT_EQ(stored->Single().Text(0), "žluť 🙂");
  EXPECT_EQ(stored->Single().Int32(1), 4);
  EXPECT_EQ(stored->Single().Int32(2), 0);
  std::vector<std::string> read = {"before"};
  std::vector<std::string> none;
  ASSERT_OK(CopyOut("SELECT a, b FROM t", [&](const CopyReader& reader) {
    EXPECT_OK(reader.TextArray(0, read));
    EXPECT_OK(reader.TextArray(1, none));
  }));
  ASSERT_EQ(read.size(), 5u);
  EXPECT_EQ(std::vector<std::string>(read.begin() + 1, read.end()), texts);
  EXPECT_TRUE(none.empty());
  ASSERT_OK(
      CopyOut("SELECT ARRAY['x', NULL], ARRAY[1], ARRAY[['x']]", [&](const CopyReader& reader) {
        for (int column = 0; column < 3; ++column) {
          EXPECT_THAT(reader.TextArray(column, none), StatusIs(absl::StatusCode::kInternal));
        }
      }));
}

TEST_F(CopyTest, ManyRowsInManyPieces) {
  constexpr int kRows = 200'000;
  ASSERT_OK(Run("CREATE TABLE t (n bigint, v text)"));
  ASSERT_OK(CopyIn("t (n, v)", [](CopyWriter& writer) {
    for (int64_t i = 0; i < kRows; ++i) {
      writer.StartRow(2);
      writer.PutInt64(i);
      writer.PutText(std::string(i % 40, 'x'));
      if (auto status = writer.FlushIfLarge(); !status.ok()) return status;
    }
    EXPECT_THAT(writer.Finish(), IsOkAndHolds(kRows));
    return absl::OkStatus();
  }));
  int64_t next = 0;
  ASSERT_OK(CopyOut("SELECT n, v FROM t ORDER BY n", [&](const CopyReader& reader) {
    EXPECT_EQ(reader.Int64(0), next);
    EXPECT_EQ(reader.Text(1).size(), static_cast<size_t>(next % 40));
    ++next;
  }));
  EXPECT_EQ(next, kRows);
}

TEST_F(CopyTest, AnEmptyResultHasNoRows) {
  int rows = 0;
  EXPECT_OK(CopyOut("SELECT 1 WHERE false", [&](const CopyReader&) { ++rows; }));
  EXPECT_EQ(rows, 0);
  ASSERT_OK(Run("CREATE TABLE t (n integer)"));
  EXPECT_OK(CopyIn("t", [](CopyWriter& writer) {
    EXPECT_THAT(writer.Finish(), IsOkAndHolds(0));
    return absl::OkStatus();
  }));
}

TEST_F(CopyTest, AReaderDroppedEarlyLeavesTheTransactionUsable) {
  const absl::Time start = absl::Now();
  ASSERT_OK(pool_.Run({}, kSnapshot, [&](Transaction& transaction) {
    for (int i = 0; i < 3; ++i) {
      auto reader = transaction.CopyOut("endless", "SELECT generate_series(1, 1000000000)");
      EXPECT_OK(reader);
      EXPECT_THAT((*reader)->NextRow(), IsOkAndHolds(true));
      reader->reset();
      const auto after = transaction.ExecuteDynamic("after", "SELECT 42");
      EXPECT_OK(after);
      EXPECT_EQ(after->Single().Int32(0), 42);
    }
    return absl::OkStatus();
  }));
  EXPECT_LT(absl::Now() - start, absl::Seconds(20));
  EXPECT_OK(pool_.Ping({}));
}

TEST_F(CopyTest, SeveralReadersOneAfterTheOther) {
  ASSERT_OK(pool_.Run({}, kSnapshot, [&](Transaction& transaction) {
    for (int i = 0; i < 5; ++i) {
      auto reader = transaction.CopyOut("read", absl::StrCat("SELECT ", i));
      EXPECT_OK(reader);
      EXPECT_THAT((*reader)->NextRow(), IsOkAndHolds(true));
      EXPECT_EQ((*reader)->Int32(0), i);
      EXPECT_THAT((*reader)->NextRow(), IsOkAndHolds(false));
      EXPECT_THAT((*reader)->NextRow(), IsOkAndHolds(false));
    }
    return absl::OkStatus();
  }));
}

TEST_F(CopyTest, AStatementDuringACopyIsRefused) {
  EXPECT_OK(pool_.Run({}, kSnapshot, [&](Transaction& transaction) {
    auto reader = transaction.CopyOut("read", "SELECT 1");
    EXPECT_OK(reader);
    EXPECT_THAT(transaction.ExecuteDynamic("during", "SELECT 1"),
                StatusIs(absl::StatusCode::kInternal, "INTERNAL"));
    return absl::OkStatus();
  }));
}

TEST_F(CopyTest, AWriterDroppedEarlyStoresNothing) {
  ASSERT_OK(Run("CREATE TABLE t (n integer)"));
  const absl::Status status = CopyIn("t", [](CopyWriter& writer) {
    writer.StartRow(1);
    writer.PutInt32(1);
    return absl::OkStatus();
  });
  EXPECT_FALSE(status.ok());
  EXPECT_EQ(Number("SELECT count(*) FROM t"), 0);
}

TEST_F(CopyTest, NothingIsStoredUnlessTheTransactionCommits) {
  ASSERT_OK(Run("CREATE TABLE t (n integer)"));
  const absl::Status status = CopyIn("t", [](CopyWriter& writer) {
    writer.StartRow(1);
    writer.PutInt32(1);
    EXPECT_THAT(writer.Finish(), IsOkAndHolds(1));
    return absl::NotFoundError("of the body");
  });
  EXPECT_EQ(status, absl::NotFoundError("of the body"));
  EXPECT_EQ(Number("SELECT count(*) FROM t"), 0);
}

TEST_F(CopyTest, ErrorsAreThoseOfStatements) {
  ASSERT_OK(Run("CREATE TABLE t (n integer CONSTRAINT t_pk PRIMARY KEY)"));
  EXPECT_THAT(CopyOut("SELEC 1", [](const CopyReader&) {}),
              StatusIs(absl::StatusCode::kInternal, "INTERNAL"));
  EXPECT_THAT(
      CopyOut("SELECT 1 / (n - 500) FROM generate_series(1, 1000) AS n", [](const CopyReader&) {}),
      StatusIs(absl::StatusCode::kInternal, "INTERNAL"));
  const absl::Status duplicate = CopyIn("t (n)", [](CopyWriter& writer) {
    for (int i = 0; i < 2; ++i) {
      writer.StartRow(1);
      writer.PutInt32(5);
    }
    return writer.Finish().status();
  });
  EXPECT_THAT(duplicate, StatusIs(absl::StatusCode::kAlreadyExists, "CONSTRAINT_VIOLATED"));
  EXPECT_THAT(duplicate, testing::HasMetadata("constraint", "t_pk"));
  EXPECT_THAT(CopyIn("no_such_table", [](CopyWriter&) { return absl::OkStatus(); }),
              StatusIs(absl::StatusCode::kInternal, "INTERNAL"));
}

TEST_F(CopyTest, WrongArrayTypesAreErrors) {
  EXPECT_OK(
      CopyOut("SELECT ARRAY[1, 2]::integer[], ARRAY[1, NULL]::float8[], ARRAY[[1], [2]]::float8[]",
              [](const CopyReader& reader) {
                std::vector<double> out;
                for (int column = 0; column < 3; ++column) {
                  EXPECT_THAT(reader.Float64Array(column, out),
                              StatusIs(absl::StatusCode::kInternal, "INTERNAL"));
                }
              }));
}

TEST_F(CopyTest, TheDeadlineStopsAReader) {
  const CallBounds bounds{.deadline = absl::Now() + absl::Milliseconds(200), .cancel = {}};
  const absl::Status status = pool_.Run(bounds, kSnapshot, [&](Transaction& transaction) {
    auto reader = transaction.CopyOut("slow", "SELECT generate_series(1, 1000000), pg_sleep(0.01)");
    if (!reader.ok()) return reader.status();
    while (true) {
      const auto more = (*reader)->NextRow();
      if (!more.ok() || !*more) return more.status();
    }
  });
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED"));
  EXPECT_LT(absl::Now() - bounds.deadline, absl::Milliseconds(250));
}

TEST_F(CopyTest, CancellingStopsAReaderThatWaits) {
  const CallBounds bounds;
  absl::Time cancelled_at;
  std::thread canceller;
  const absl::Status status = pool_.Run(bounds, kSnapshot, [&](Transaction& transaction) {
    // Rows larger than the server's output buffer, so that the second pushes out the first.
    auto reader = transaction.CopyOut(
        "slow", "SELECT repeat('x', 100000), pg_sleep(n / 2 * 30) FROM generate_series(0, 2) AS n");
    if (!reader.ok()) return reader.status();
    EXPECT_THAT((*reader)->NextRow(), IsOkAndHolds(true));
    canceller = std::thread([&] {
      cancelled_at = absl::Now();
      bounds.cancel.Cancel();
    });
    return (*reader)->NextRow().status();
  });
  const absl::Time ended_at = absl::Now();
  canceller.join();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kCancelled, "CANCELLED"));
  EXPECT_LT(ended_at - cancelled_at, absl::Milliseconds(250));
}

}  // namespace
}  // namespace metricstore::pg
