// Deadlines and cancellation stop statements and leave other calls alone.

#include <atomic>
#include <string>
#include <thread>

#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "tests/unit/common_pg/fixture.h"

namespace metricstore::pg {
namespace {

using ::metricstore::testing::StatusIs;
using ::testing::HasSubstr;

constexpr auto kWrite = TransactionMode::kReadWrite;

class PoolDeadlineTest : public PgTest {
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

TEST_F(PoolDeadlineTest, TheDeadlineStopsARunningStatement) {
  const absl::Time start = absl::Now();
  const absl::Status status =
      pool_.Run(Within(absl::Milliseconds(200)), kWrite, [](Transaction& transaction) {
        return transaction.ExecuteDynamic("sleep", "SELECT pg_sleep(30)").status();
      });
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED"));
  EXPECT_LT(absl::Now() - start, absl::Milliseconds(450));
}

TEST_F(PoolDeadlineTest, TheDeadlineIsSharedByAllStatements) {
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

TEST_F(PoolDeadlineTest, AnExpiredDeadlineIssuesNoSql) {
  bool body_ran = false;
  const absl::Status status = pool_.Run(Within(-absl::Seconds(1)), kWrite, [&](Transaction&) {
    body_ran = true;
    return absl::OkStatus();
  });
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED"));
  EXPECT_FALSE(body_ran);
}

TEST_F(PoolDeadlineTest, ADeadlineThatPassesInTheBodyRollsBack) {
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

TEST_F(PoolDeadlineTest, AStatementsOwnTimeoutIsTighterAndEndsWithIt) {
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

TEST_F(PoolDeadlineTest, CancellingTheCallStopsItsStatement) {
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

TEST_F(PoolDeadlineTest, ACancelledCallIssuesNoSql) {
  const CallBounds bounds;
  bounds.cancel.Cancel();
  EXPECT_THAT(pool_.Ping(bounds), StatusIs(absl::StatusCode::kCancelled, "CANCELLED"));
}

TEST_F(PoolDeadlineTest, ManyCancelledCallsLeaveOthersUnharmed) {
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

}  // namespace
}  // namespace metricstore::pg
