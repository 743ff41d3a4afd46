// Servers that end, refuse, fall silent or come back.

#include <signal.h>

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

class PoolLossTest : public PgTest {};

TEST_F(PoolLossTest, ATerminatedBackendIsUnavailableAndThePoolRecovers) {
  const absl::Status status = pool_.Run({}, kWrite, [](Transaction& transaction) {
    return transaction.ExecuteDynamic("suicide", "SELECT pg_terminate_backend(pg_backend_pid())")
        .status();
  });
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kUnavailable, "DATABASE_UNAVAILABLE"));
  ASSERT_TRUE(status::DetailsOf(status)->retry_after.has_value());
  EXPECT_OK(pool_.Ping({}));
}

TEST_F(PoolLossTest, ConnectionsThatDiedWhileIdleAreReplacedUnseen) {
  ASSERT_OK(pool_.Ping({}));
  auto admin = DirectConnection::Open(conninfo_, "test");
  ASSERT_OK(admin);
  ASSERT_OK((*admin)->Query(
      "kill",
      "SELECT count(pg_terminate_backend(pid, 10000)) FROM pg_stat_activity WHERE pid <> "
      "pg_backend_pid() AND datname = current_database()"));
  EXPECT_OK(pool_.Ping({}));
}

TEST_F(PoolLossTest, ALostCommitIsInDoubtAndNotRetried) {
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

TEST_F(PoolLossTest, AServerThatNoLongerAnswersIsGivenUp) {
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
