#include "common/pg/pool.h"

#include <signal.h>

#include <atomic>
#include <future>
#include <mutex>
#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "tests/unit/common_pg/fixture.h"

namespace metricstore::pg {
namespace {

using ::metricstore::testing::HasMetadata;
using ::metricstore::testing::StatusIs;
using ::metricstore::testing::TempPostgres;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr auto kWrite = TransactionMode::kReadWrite;

CallBounds Within(absl::Duration limit) { return {.deadline = absl::Now() + limit, .cancel = {}}; }

class PoolTest : public PgTest {
 protected:
  // Waits until another session runs a statement that contains `text`.
  void AwaitActive(const std::string& text) {
    const std::string sql = absl::StrCat(
        "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND pid <> pg_backend_pid() "
        "AND datname = current_database() AND query LIKE '%",
        text, "%'");
    while (Number(sql) == 0) std::this_thread::yield();
  }
};

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

TEST_F(PoolTest, TheDeadlineStopsARunningStatement) {
  const absl::Time start = absl::Now();
  const absl::Status status =
      pool_.Run(Within(absl::Milliseconds(200)), kWrite, [](Transaction& transaction) {
        return transaction.ExecuteDynamic("sleep", "SELECT pg_sleep(30)").status();
      });
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED"));
  EXPECT_LT(absl::Now() - start, absl::Milliseconds(450));
}

TEST_F(PoolTest, TheDeadlineIsSharedByAllStatements) {
  const absl::Time start = absl::Now();
  const absl::Status status =
      pool_.Run(Within(absl::Milliseconds(300)), kWrite, [](Transaction& transaction) {
        absl::Status last;
        for (int i = 0; i < 3 && last.ok(); ++i) {
          last = transaction.ExecuteDynamic("sleep", "SELECT pg_sleep(0.2)").status();
        }
        return last;
      });
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED"));
  EXPECT_LT(absl::Now() - start, absl::Milliseconds(550));
}

TEST_F(PoolTest, AnExpiredDeadlineIssuesNoSql) {
  bool body_ran = false;
  const absl::Status status = pool_.Run(Within(-absl::Seconds(1)), kWrite, [&](Transaction&) {
    body_ran = true;
    return absl::OkStatus();
  });
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED"));
  EXPECT_FALSE(body_ran);
}

TEST_F(PoolTest, ADeadlineThatPassesInTheBodyRollsBack) {
  ASSERT_OK(Run("CREATE TABLE t (n integer)"));
  const CallBounds bounds = Within(absl::Milliseconds(100));
  const absl::Status status = pool_.Run(bounds, kWrite, [&](Transaction& transaction) {
    EXPECT_OK(transaction.ExecuteDynamic("insert", "INSERT INTO t VALUES (1)"));
    while (absl::Now() < bounds.deadline) std::this_thread::yield();
    return absl::OkStatus();
  });
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED"));
  EXPECT_EQ(Number("SELECT count(*) FROM t"), 0);
}

TEST_F(PoolTest, AStatementsOwnTimeoutIsTighterAndEndsWithIt) {
  EXPECT_OK(pool_.Run({}, kWrite, [](Transaction& transaction) {
    const Statement quick = {.name = "quick", .sql = "SELECT 1", .timeout = absl::Milliseconds(50)};
    EXPECT_OK(transaction.Execute(quick));
    return transaction.ExecuteDynamic("slow", "SELECT pg_sleep(0.15)").status();
  }));
  const absl::Status status = pool_.Run({}, kWrite, [](Transaction& transaction) {
    const Statement sleep = {
        .name = "sleep", .sql = "SELECT pg_sleep(30)", .timeout = absl::Milliseconds(50)};
    return transaction.Execute(sleep).status();
  });
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("sleep"));
}

TEST_F(PoolTest, CancellingTheCallStopsItsStatement) {
  const CallBounds bounds;
  absl::Time cancelled_at;
  std::thread canceller([&] {
    AwaitActive("pg_sleep(30)");
    cancelled_at = absl::Now();
    bounds.cancel.Cancel();
  });
  const absl::Status status = pool_.Run(bounds, kWrite, [](Transaction& transaction) {
    return transaction.ExecuteDynamic("sleep", "SELECT pg_sleep(30)").status();
  });
  const absl::Time ended_at = absl::Now();
  canceller.join();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kCancelled, "CANCELLED"));
  EXPECT_LT(ended_at - cancelled_at, absl::Milliseconds(250));
  EXPECT_OK(pool_.Ping({}));
}

TEST_F(PoolTest, ACancelledCallIssuesNoSql) {
  const CallBounds bounds;
  bounds.cancel.Cancel();
  EXPECT_THAT(pool_.Ping(bounds), StatusIs(absl::StatusCode::kCancelled, "CANCELLED"));
}

TEST_F(PoolTest, ManyCancelledCallsLeaveOthersUnharmed) {
  std::atomic<bool> done = false;
  std::thread victim([&] {
    while (!done) EXPECT_OK(Run("SELECT pg_sleep(0.001)"));
  });
  for (int i = 0; i < 30; ++i) {
    const CallBounds bounds;
    std::thread canceller([&] {
      if (i % 2 == 0) AwaitActive("pg_sleep(30)");
      bounds.cancel.Cancel();
    });
    const absl::Status status = pool_.Run(bounds, kWrite, [](Transaction& transaction) {
      return transaction.ExecuteDynamic("sleep", "SELECT pg_sleep(30)").status();
    });
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kCancelled, "CANCELLED"));
    canceller.join();
  }
  done = true;
  victim.join();
}

TEST_F(PoolTest, ATerminatedBackendIsUnavailableAndThePoolRecovers) {
  const absl::Status status = pool_.Run({}, kWrite, [](Transaction& transaction) {
    return transaction.ExecuteDynamic("suicide", "SELECT pg_terminate_backend(pg_backend_pid())")
        .status();
  });
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kUnavailable, "DATABASE_UNAVAILABLE"));
  ASSERT_TRUE(status::DetailsOf(status)->retry_after.has_value());
  EXPECT_OK(pool_.Ping({}));
}

TEST_F(PoolTest, ConnectionsThatDiedWhileIdleAreReplacedUnseen) {
  ASSERT_OK(pool_.Ping({}));
  auto admin = DirectConnection::Open(conninfo_, "test");
  ASSERT_OK(admin);
  ASSERT_OK((*admin)->Query(
      "kill",
      "SELECT count(pg_terminate_backend(pid, 10000)) FROM pg_stat_activity WHERE pid <> "
      "pg_backend_pid() AND datname = current_database()"));
  EXPECT_OK(pool_.Ping({}));
}

TEST_F(PoolTest, ALostCommitIsInDoubtAndNotRetried) {
  ASSERT_OK(Run("CREATE TABLE t (n integer)"));
  // A deferred trigger runs inside COMMIT, and there ends its own backend.
  ASSERT_OK(Run(R"(
    CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$;
    CREATE CONSTRAINT TRIGGER die AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED
      FOR EACH ROW EXECUTE FUNCTION die())"));
  int bodies = 0;
  const absl::Status status = pool_.Run({}, kWrite, [&](Transaction& transaction) {
    ++bodies;
    return transaction.ExecuteDynamic("insert", "INSERT INTO t VALUES (1)").status();
  });
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kUnavailable, "DATABASE_UNAVAILABLE"));
  EXPECT_THAT(status, HasMetadata("in_doubt", "true"));
  EXPECT_EQ(bodies, 1);
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

TEST(PoolWithoutServerTest, IsUnavailableAtOnceAndKeepsSecrets) {
  PoolOptions options;
  options.connection_string = "host=/nonexistent dbname=x user=u password=hunter2";
  Pool pool(options);
  const absl::Time start = absl::Now();
  const absl::Status status = pool.Ping({});
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kUnavailable, "DATABASE_UNAVAILABLE"));
  EXPECT_THAT(status.ToString(), Not(HasSubstr("hunter2")));
  EXPECT_LT(absl::Now() - start, absl::Seconds(2));
}

TEST(PoolWithoutServerTest, AMalformedConnectionStringIsNotRepeated) {
  for (const char* text :
       {"hunter2", "password='hunter2", "postgresql://u:hunter2@[::1", "pasword=hunter2"}) {
    PoolOptions options;
    options.connection_string = text;
    Pool pool(options);
    const absl::Status status = pool.Ping({});
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kUnavailable, "DATABASE_UNAVAILABLE"));
    EXPECT_THAT(status.ToString(), Not(HasSubstr("hunter2")));
  }
}

TEST_F(PoolTest, AServerThatNoLongerAnswersIsGivenUp) {
  pid_t backend = 0;
  const absl::Time start = absl::Now();
  const absl::Status status =
      pool_.Run(Within(absl::Milliseconds(200)), kWrite, [&](Transaction& transaction) {
        const auto pid = transaction.ExecuteDynamic("pid", "SELECT pg_backend_pid()");
        if (!pid.ok()) return pid.status();
        backend = pid->Single().Int32(0);
        ::kill(backend, SIGSTOP);
        return transaction.ExecuteDynamic("select", "SELECT 1").status();
      });
  ::kill(backend, SIGCONT);
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED"));
  EXPECT_LT(absl::Now() - start, absl::Seconds(3));
  EXPECT_OK(pool_.Ping({}));
}

TEST(PoolOutageTest, RecoversWhenPostgresComesBack) {
  TempPostgres cluster;
  PoolOptions options;
  options.connection_string = cluster.CreateEmptyDatabase();
  Pool pool(options);
  ASSERT_OK(pool.Ping({}));
  for (const bool crash : {false, true}) {
    const absl::Status during = pool.Run({}, kWrite, [&](Transaction& transaction) {
      cluster.Stop(crash);
      return transaction.ExecuteDynamic("select", "SELECT 1").status();
    });
    EXPECT_THAT(during, StatusIs(absl::StatusCode::kUnavailable, "DATABASE_UNAVAILABLE"));
    EXPECT_THAT(pool.Ping({}), StatusIs(absl::StatusCode::kUnavailable, "DATABASE_UNAVAILABLE"));
    cluster.Start();
    EXPECT_OK(pool.Ping({}));
  }
}

}  // namespace
}  // namespace metricstore::pg
