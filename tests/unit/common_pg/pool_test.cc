// What a pool makes of transactions: committed, rolled back, run again, bounded in number.

#include "common/pg/pool.h"

#include <algorithm>
#include <atomic>
#include <future>
#include <mutex>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "tests/unit/common_pg/fixture.h"

namespace metricstore::pg {
namespace {

using ::metricstore::testing::HasMetadata;
using ::metricstore::testing::StatusIs;

constexpr auto kWrite = TransactionMode::kReadWrite;

class PoolTest : public PgTest {};

TEST_F(PoolTest, CommitsWhatAnOkBodyDid) {
  ASSERT_OK(Run("CREATE TABLE t (n integer)"));
  ASSERT_OK(pool_.Run({}, kWrite, [](Transaction& transaction) {
    return transaction
        .Execute({.name = "insert", .sql = "INSERT INTO t VALUES ($1)"}, Params().Add(7))
        .status();
  }));
  EXPECT_EQ(Number("SELECT n FROM t"), 7);
  EXPECT_EQ(pool_.connections_in_use(), 0);
}

TEST_F(PoolTest, RollsBackWhenTheBodyFails) {
  ASSERT_OK(Run("CREATE TABLE t (n integer)"));
  const absl::Status status = pool_.Run({}, kWrite, [](Transaction& transaction) {
    EXPECT_OK(transaction.ExecuteDynamic("insert", "INSERT INTO t VALUES (1)"));
    return absl::NotFoundError("of the body");
  });
  EXPECT_EQ(status, absl::NotFoundError("of the body"));
  EXPECT_EQ(Number("SELECT count(*) FROM t"), 0);
}

TEST_F(PoolTest, AFailedStatementFailsTheTransactionEvenIfTheBodyIgnoresIt) {
  ASSERT_OK(Run("CREATE TABLE t (n integer)"));
  const absl::Status status = pool_.Run({}, kWrite, [](Transaction& transaction) {
    EXPECT_OK(transaction.ExecuteDynamic("insert", "INSERT INTO t VALUES (1)"));
    EXPECT_FALSE(transaction.ExecuteDynamic("wrong", "SELEC 1").ok());
    EXPECT_FALSE(transaction.ExecuteDynamic("after", "SELECT 1").ok());
    return absl::OkStatus();
  });
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInternal, "INTERNAL"));
  EXPECT_THAT(status, HasMetadata("sqlstate", "42601"));
  EXPECT_EQ(Number("SELECT count(*) FROM t"), 0);
}

TEST_F(PoolTest, AStatementErrorKeepsTheConnection) {
  const int64_t backend = Number("SELECT pg_backend_pid()");
  EXPECT_THAT(Run("SELECT 1 / 0"), StatusIs(absl::StatusCode::kInternal, "INTERNAL"));
  EXPECT_EQ(Number("SELECT pg_backend_pid()"), backend);
}

TEST_F(PoolTest, ConstraintViolationsNameTheConstraint) {
  ASSERT_OK(
      Run("CREATE TABLE t (n integer CONSTRAINT t_unique UNIQUE, m integer CONSTRAINT t_positive "
          "CHECK (m > 0))"));
  ASSERT_OK(Run("INSERT INTO t VALUES (1, 1)"));
  const auto duplicate = Run("INSERT INTO t VALUES (1, 1)");
  EXPECT_THAT(duplicate, StatusIs(absl::StatusCode::kAlreadyExists, "CONSTRAINT_VIOLATED"));
  EXPECT_THAT(duplicate, HasMetadata("constraint", "t_unique"));
  const auto negative = Run("INSERT INTO t VALUES (2, -1)");
  EXPECT_THAT(negative, StatusIs(absl::StatusCode::kFailedPrecondition, "CONSTRAINT_VIOLATED"));
  EXPECT_THAT(negative, HasMetadata("constraint", "t_positive"));
}

TEST_F(PoolTest, ADeferredConstraintFailsTheCommit) {
  ASSERT_OK(
      Run("CREATE TABLE t (n integer CONSTRAINT t_unique UNIQUE DEFERRABLE INITIALLY DEFERRED)"));
  const auto status = Run("INSERT INTO t VALUES (1), (1)");
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kAlreadyExists, "CONSTRAINT_VIOLATED"));
  EXPECT_EQ(Number("SELECT count(*) FROM t"), 0);
}

TEST_F(PoolTest, RunsTheBodyAgainAfterADeadlock) {
  ASSERT_OK(Run("CREATE TABLE t (id integer PRIMARY KEY, n integer)"));
  ASSERT_OK(Run("INSERT INTO t VALUES (1, 0), (2, 0)"));
  std::atomic<int> bodies = 0;
  std::atomic<int> both_locked = 0;
  const auto update = [&](int first, int second) {
    return pool_.Run(Within(absl::Seconds(30)), kWrite, [&](Transaction& transaction) {
      const bool first_round = ++bodies <= 2;
      const Statement add = {.name = "add", .sql = "UPDATE t SET n = n + 1 WHERE id = $1"};
      absl::Status status = transaction.Execute(add, Params().Add(first)).status();
      if (!status.ok()) return status;
      if (first_round) {
        ++both_locked;
        while (both_locked < 2) std::this_thread::yield();
      }
      return transaction.Execute(add, Params().Add(second)).status();
    });
  };
  std::future<absl::Status> other = std::async(std::launch::async, [&] { return update(2, 1); });
  EXPECT_OK(update(1, 2));
  EXPECT_OK(other.get());
  EXPECT_EQ(bodies, 3);
  EXPECT_EQ(Number("SELECT sum(n) FROM t"), 4);
}

TEST_F(PoolTest, GivesUpOnASerializationFailureThatNeverEnds) {
  int bodies = 0;
  const absl::Status status = pool_.Run({}, kWrite, [&](Transaction& transaction) {
    ++bodies;
    return transaction
        .ExecuteDynamic("conflict",
                        "DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '40001'; END $$")
        .status();
  });
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kAborted, "TRANSACTION_CONFLICT"));
  EXPECT_EQ(bodies, 6);
}

TEST_F(PoolTest, ASerializationFailureOfConcurrentWritersIsRetried) {
  ASSERT_OK(Run("CREATE TABLE t (n integer)"));
  int bodies = 0;
  ASSERT_OK(pool_.Run({}, kWrite, [&](Transaction& transaction) {
    if (++bodies < 3) {
      return transaction
          .ExecuteDynamic("conflict",
                          "DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '40001'; END $$")
          .status();
    }
    return transaction.ExecuteDynamic("insert", "INSERT INTO t VALUES (1)").status();
  }));
  EXPECT_EQ(bodies, 3);
  EXPECT_EQ(Number("SELECT count(*) FROM t"), 1);
}

TEST_F(PoolTest, ALockTimeoutIsAborted) {
  PoolOptions options = Options(conninfo_);
  options.lock_timeout = absl::Milliseconds(50);
  Pool impatient(options);
  ASSERT_OK(Run("CREATE TABLE t (n integer)"));
  EXPECT_OK(pool_.Run({}, kWrite, [&](Transaction& transaction) {
    EXPECT_OK(transaction.ExecuteDynamic("lock", "LOCK TABLE t"));
    EXPECT_THAT(Run(impatient, "INSERT INTO t VALUES (1)"),
                StatusIs(absl::StatusCode::kAborted, "TRANSACTION_CONFLICT"));
    return absl::OkStatus();
  }));
}

TEST_F(PoolTest, AFullPoolIsOverloaded) {
  PoolOptions options = Options(conninfo_);
  options.max_connections = 1;
  options.acquire_timeout = absl::Milliseconds(50);
  Pool small(options);
  EXPECT_OK(small.Run({}, kWrite, [&](Transaction&) {
    EXPECT_EQ(small.connections_in_use(), 1);
    const absl::Status status = small.Ping({});
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kResourceExhausted, "OVERLOADED"));
    EXPECT_TRUE(status::DetailsOf(status)->retry_after.has_value());
    EXPECT_THAT(small.Ping(Within(absl::Milliseconds(10))),
                StatusIs(absl::StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED"));
    return absl::OkStatus();
  }));
  EXPECT_OK(small.Ping({}));
}

TEST_F(PoolTest, WaitersGetTheConnectionsThatOthersReturn) {
  PoolOptions options = Options(conninfo_);
  options.max_connections = 2;
  Pool small(options);
  std::atomic<int> most = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      for (int k = 0; k < 20; ++k) {
        EXPECT_OK(small.Run({}, kWrite, [&](Transaction& transaction) {
          most = std::max<int>(most, small.connections_in_use());
          return transaction.ExecuteDynamic("select", "SELECT 1").status();
        }));
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_LE(most, 2);
  EXPECT_EQ(small.connections_in_use(), 0);
}

TEST_F(PoolTest, AServerWithoutFreeSlotsIsExhausted) {
  ASSERT_OK(Run("CREATE ROLE narrow LOGIN CONNECTION LIMIT 1"));
  Pool first(Options(conninfo_ + " user=narrow"));
  Pool second(Options(conninfo_ + " user=narrow"));
  EXPECT_OK(first.Run({}, kWrite, [&](Transaction&) {
    EXPECT_THAT(second.Ping({}),
                StatusIs(absl::StatusCode::kResourceExhausted, "DATABASE_EXHAUSTED"));
    return absl::OkStatus();
  }));
}

TEST_F(PoolTest, ASnapshotSeesOneState) {
  ASSERT_OK(Run("CREATE TABLE t AS SELECT 1 AS n"));
  for (const auto mode : {TransactionMode::kReadOnlySnapshot, TransactionMode::kReadOnly}) {
    int64_t before = 0;
    int64_t after = 0;
    EXPECT_OK(pool_.Run({}, mode, [&](Transaction& transaction) {
      before = transaction.ExecuteDynamic("count", "SELECT count(*) FROM t")->Single().Int64(0);
      EXPECT_OK(Run("INSERT INTO t VALUES (2)"));
      after = transaction.ExecuteDynamic("count", "SELECT count(*) FROM t")->Single().Int64(0);
      return absl::OkStatus();
    }));
    EXPECT_EQ(after - before, mode == TransactionMode::kReadOnlySnapshot ? 0 : 1);
  }
}

TEST_F(PoolTest, WritingInAReadOnlyTransactionIsOurFault) {
  ASSERT_OK(Run("CREATE TABLE t (n integer)"));
  EXPECT_THAT(Run(pool_, "INSERT INTO t VALUES (1)", {}, TransactionMode::kReadOnly),
              StatusIs(absl::StatusCode::kInternal, "INTERNAL"));
}

TEST_F(PoolTest, AStandbyOrReadOnlyServerIsUnavailable) {
  ASSERT_OK(Run("CREATE TABLE t (n integer)"));
  // As on a server that became a standby: the transaction turns read-only by itself.
  const auto status = Run("SET TRANSACTION READ ONLY; INSERT INTO t VALUES (1)");
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kUnavailable, "DATABASE_UNAVAILABLE"));
}

TEST_F(PoolTest, ObserversAreToldOfStatements) {
  std::mutex mutex;
  std::vector<std::string> names;
  int acquired = 0;
  PoolOptions options = Options(conninfo_);
  options.on_statement = [&](std::string_view name, absl::Duration elapsed,
                             const absl::Status& status) {
    std::lock_guard lock(mutex);
    EXPECT_GE(elapsed, absl::ZeroDuration());
    names.push_back(absl::StrCat(std::string(name), status.ok() ? " ok" : " failed"));
  };
  options.on_acquire = [&](absl::Duration) { ++acquired; };
  Pool observed(options);
  EXPECT_OK(observed.Ping({}));
  EXPECT_FALSE(Run(observed, "SELECT 1 / 0").ok());
  EXPECT_THAT(names, ::testing::ElementsAre("ping ok", "test failed"));
  EXPECT_EQ(acquired, 2);
}

}  // namespace
}  // namespace metricstore::pg
