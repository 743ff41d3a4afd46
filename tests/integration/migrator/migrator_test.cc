#include "registry_service/migrator/migrator.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/pg/pool.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "registry_service/migrator/schema_version.h"
#include "tests/testing/matchers.h"
#include "tests/testing/temp_postgres.h"

extern char** environ;

namespace metricstore::registry {
namespace {

using ::metricstore::testing::HasMetadata;
using ::metricstore::testing::IsOkAndHolds;
using ::metricstore::testing::StatusIs;
using ::metricstore::testing::TempPostgres;
using ::metricstore::testing::ViolatesField;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// A folder of migrations and an empty database.
class MigratorTest : public ::testing::Test {
 protected:
  MigratorTest() {
    std::string path = TempPostgres::Shared().folder() / "migrations-XXXXXX";
    folder_ = ::mkdtemp(path.data());
  }
  ~MigratorTest() override { std::filesystem::remove_all(folder_); }

  void Write(const std::string& name, const std::string& sql) {
    std::ofstream(folder_ / name) << sql;
  }
  absl::StatusOr<std::vector<int>> Migrate(MigratorOptions options = {}) {
    options.connection_string = conninfo_;
    const auto files = ReadMigrations(folder_);
    if (!files.ok()) return files.status();
    auto migrator = Migrator::Connect(options);
    if (!migrator.ok()) return migrator.status();
    return (*migrator)->Apply(*files);
  }
  int64_t Number(const std::string& sql) {
    auto connection = pg::DirectConnection::Open(conninfo_, "test");
    EXPECT_OK(connection);
    const auto result = (*connection)->Query("test", sql);
    EXPECT_OK(result);
    return result.ok() ? result->Single().Int64(0) : -1;
  }
  bool TableExists(const std::string& name) {
    return Number(absl::StrCat("SELECT (to_regclass('", name, "') IS NOT NULL)::int")) == 1;
  }

  std::filesystem::path folder_;
  const std::string conninfo_ = TempPostgres::Shared().CreateEmptyDatabase();
};

// Starts registry_migrate; returns its process id.
pid_t SpawnMigrator(const std::string& conninfo, const std::filesystem::path& folder,
                    const std::filesystem::path& output, bool status = false) {
  std::vector<std::string> command = {
      std::filesystem::path(std::getenv("METRICSTORE_BIN_DIR")) / "registry_migrate", "--database",
      conninfo, "--migrations", folder};
  if (status) command.push_back("--status");
  std::vector<char*> arguments;
  for (std::string& argument : command) arguments.push_back(argument.data());
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, 1, output.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
  posix_spawn_file_actions_adddup2(&files, 1, 2);
  pid_t pid = -1;
  EXPECT_EQ(::posix_spawn(&pid, arguments[0], &files, nullptr, arguments.data(), environ), 0);
  posix_spawn_file_actions_destroy(&files);
  return pid;
}

int ExitStatus(pid_t pid) {
  int status = 0;
  EXPECT_EQ(::waitpid(pid, &status, 0), pid);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

std::string Contents(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

TEST_F(MigratorTest, AppliesFilesInOrderAndOnce) {
  Write("0001_create_a.sql", "CREATE TABLE a (n integer); INSERT INTO a VALUES (1);");
  Write("0002_alter_a.sql", "ALTER TABLE a ADD COLUMN m integer; INSERT INTO a VALUES (2, 2);");
  EXPECT_THAT(Migrate(), IsOkAndHolds(ElementsAre(1, 2)));
  EXPECT_THAT(Migrate(), IsOkAndHolds(IsEmpty()));
  Write("0003_create_b.sql", "CREATE TABLE b (n integer);");
  EXPECT_THAT(Migrate(), IsOkAndHolds(ElementsAre(3)));
  EXPECT_EQ(Number("SELECT count(*) FROM a"), 2);
}

TEST_F(MigratorTest, RecordsNameAndChecksum) {
  Write("0001_create_a.sql", "SELECT 1;\n");
  ASSERT_OK(Migrate());
  auto migrator = Migrator::Connect({.connection_string = conninfo_});
  ASSERT_OK(migrator);
  const auto applied = (*migrator)->Applied();
  ASSERT_OK(applied);
  ASSERT_EQ(applied->size(), 1);
  EXPECT_EQ(applied->front().name, "0001_create_a");
  // printf 'SELECT 1;\n' | sha256sum
  EXPECT_EQ(applied->front().sha256,
            "b4e0497804e46e0a0b0b8c31975b062152d551bac49c3c2e80932567b4085dcd");
  EXPECT_LT(absl::AbsDuration(applied->front().applied_at - absl::Now()), absl::Minutes(1));
}

TEST_F(MigratorTest, RefusesAChangedFile) {
  Write("0001_create_a.sql", "CREATE TABLE a (n integer);");
  ASSERT_OK(Migrate());
  Write("0001_create_a.sql", "CREATE TABLE a (n bigint);");
  Write("0002_create_b.sql", "CREATE TABLE b (n integer);");
  const auto refused = Migrate();
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kFailedPrecondition, "SCHEMA_VERSION"));
  EXPECT_THAT(std::string(refused.status().message()), HasSubstr("0001_create_a was changed"));
  EXPECT_FALSE(TableExists("b"));
}

TEST_F(MigratorTest, RefusesARenamedFileAndANewerDatabase) {
  Write("0001_create_a.sql", "SELECT 1;");
  Write("0002_create_b.sql", "SELECT 2;");
  ASSERT_OK(Migrate());
  std::filesystem::rename(folder_ / "0002_create_b.sql", folder_ / "0002_create_c.sql");
  EXPECT_THAT(Migrate(), StatusIs(absl::StatusCode::kFailedPrecondition, "SCHEMA_VERSION"));
  std::filesystem::remove(folder_ / "0002_create_c.sql");
  const auto newer = Migrate();
  EXPECT_THAT(newer, StatusIs(absl::StatusCode::kFailedPrecondition, "SCHEMA_VERSION"));
  EXPECT_THAT(newer, HasMetadata("wanted", "1"));
  EXPECT_THAT(newer, HasMetadata("found", "2"));
}

TEST_F(MigratorTest, AFailingFileLeavesNothingOfItself) {
  Write("0001_create_a.sql", "CREATE TABLE a (n integer);");
  Write("0002_create_b.sql",
        "CREATE TABLE b (n integer); SELECT 1 / 0; CREATE TABLE c (n integer);");
  EXPECT_THAT(Migrate(), StatusIs(absl::StatusCode::kInternal, "INTERNAL"));
  EXPECT_TRUE(TableExists("a"));
  EXPECT_FALSE(TableExists("b"));
  EXPECT_EQ(Number("SELECT max(version) FROM schema_migrations"), 1);
  Write("0002_create_b.sql", "CREATE TABLE b (n integer);");
  EXPECT_THAT(Migrate(), IsOkAndHolds(ElementsAre(2)));
}

TEST_F(MigratorTest, AFileThatCommitsByItselfIsAnError) {
  Write("0001_create_a.sql", "CREATE TABLE a (n integer); COMMIT; BEGIN;");
  EXPECT_THAT(Migrate(), StatusIs(absl::StatusCode::kInternal, "INTERNAL"));
  EXPECT_EQ(Number("SELECT count(*) FROM schema_migrations"), 0);
}

TEST_F(MigratorTest, WaitsForALockWithoutBlockingOthersForLong) {
  Write("0001_create_a.sql", "CREATE TABLE a (n integer);");
  ASSERT_OK(Migrate());
  Write("0002_alter_a.sql", "ALTER TABLE a ADD COLUMN m integer;");
  auto reader = pg::DirectConnection::Open(conninfo_, "reader");
  ASSERT_OK(reader);
  ASSERT_OK((*reader)->Execute("lock", "BEGIN; SELECT * FROM a"));
  EXPECT_THAT(
      Migrate({.lock_timeout = absl::Milliseconds(20), .lock_patience = absl::Milliseconds(100)}),
      StatusIs(absl::StatusCode::kAborted, "TRANSACTION_CONFLICT"));
  EXPECT_EQ(Number("SELECT max(version) FROM schema_migrations"), 1);
  // The lock goes away while the migrator keeps trying.
  std::atomic<bool> waited = false;
  std::thread releaser([&] {
    while (Number("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND "
                  "application_name = 'registry_migrate'") == 0) {
      std::this_thread::yield();
    }
    waited = true;
    EXPECT_OK((*reader)->Execute("release", "COMMIT"));
  });
  EXPECT_THAT(Migrate({.lock_timeout = absl::Milliseconds(200)}), IsOkAndHolds(ElementsAre(2)));
  releaser.join();
  EXPECT_TRUE(waited);
}

TEST_F(MigratorTest, TwentyConcurrentRunnersApplyEachFileOnce) {
  constexpr int kRunners = 20;
  constexpr int kFiles = 5;
  Write("0001_create_log.sql", "CREATE TABLE log (n integer); INSERT INTO log VALUES (1);");
  for (int i = 2; i <= kFiles; ++i) {
    Write(absl::StrCat("000", i, "_insert_log.sql"),
          absl::StrCat("INSERT INTO log VALUES (", i, ");"));
  }
  std::vector<pid_t> runners;
  for (int i = 0; i < kRunners; ++i) {
    runners.push_back(SpawnMigrator(conninfo_, folder_, folder_ / absl::StrCat("out", i)));
  }
  int lines = 0;
  for (int i = 0; i < kRunners; ++i) {
    EXPECT_EQ(ExitStatus(runners[i]), 0) << Contents(folder_ / absl::StrCat("out", i));
    const std::string output = Contents(folder_ / absl::StrCat("out", i));
    for (size_t at = output.find("applied 0"); at != std::string::npos;
         at = output.find("applied 0", at + 1)) {
      ++lines;
    }
  }
  EXPECT_EQ(lines, kFiles);
  EXPECT_EQ(Number("SELECT count(*) FROM log"), kFiles);
  EXPECT_EQ(Number("SELECT count(*) FROM schema_migrations"), kFiles);
}

TEST_F(MigratorTest, AKilledRunnerLeavesNothingHalfApplied) {
  Write("0001_create_a.sql", "CREATE TABLE a (n integer);");
  Write("0002_create_b.sql",
        "CREATE TABLE b (n integer); SELECT pg_sleep(60); CREATE TABLE c (n integer);");
  const pid_t runner = SpawnMigrator(conninfo_, folder_, folder_ / "out");
  while (Number("SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND datname = "
                "current_database() "
                "AND wait_event = 'PgSleep'") == 0) {
    std::this_thread::yield();
  }
  ::kill(runner, SIGKILL);
  EXPECT_EQ(ExitStatus(runner), -1);
  Write("0002_create_b.sql", "CREATE TABLE b (n integer); CREATE TABLE c (n integer);");
  EXPECT_THAT(Migrate(), IsOkAndHolds(ElementsAre(2)));
  EXPECT_TRUE(TableExists("c"));
}

TEST_F(MigratorTest, StatusShowsAppliedAndPending) {
  Write("0001_create_a.sql", "CREATE TABLE a (n integer);");
  ASSERT_OK(Migrate());
  Write("0002_create_b.sql", "CREATE TABLE b (n integer);");
  EXPECT_EQ(ExitStatus(SpawnMigrator(conninfo_, folder_, folder_ / "out", /*status=*/true)), 0);
  const std::string output = Contents(folder_ / "out");
  EXPECT_THAT(output, HasSubstr("0001_create_a  applied"));
  EXPECT_THAT(output, HasSubstr("0002_create_b  pending"));
  EXPECT_FALSE(TableExists("b"));
}

TEST_F(MigratorTest, TheProgramFailsWithoutADatabaseAndKeepsThePassword) {
  Write("0001_create_a.sql", "SELECT 1;");
  EXPECT_NE(
      ExitStatus(SpawnMigrator("host=/nonexistent password=hunter2", folder_, folder_ / "out")), 0);
  EXPECT_THAT(Contents(folder_ / "out"), HasSubstr("cannot connect to PostgreSQL"));
  EXPECT_THAT(Contents(folder_ / "out"), ::testing::Not(HasSubstr("hunter2")));
}

TEST_F(MigratorTest, AFolderMustBeComplete) {
  EXPECT_THAT(ReadMigrations(folder_ / "none"),
              StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_INVALID"));
  EXPECT_THAT(ReadMigrations(folder_), ViolatesField("migrations"));
  Write("README.md", "not a migration");
  Write("0001_create_a.sql", "SELECT 1;");
  EXPECT_OK(ReadMigrations(folder_));
  Write("0003_create_c.sql", "SELECT 1;");
  const auto gap = ReadMigrations(folder_);
  EXPECT_THAT(gap, StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_INVALID"));
  EXPECT_THAT(std::string(gap.status().message()), HasSubstr("0002 is missing"));
  Write("0002_create_b.sql", "SELECT 1;");
  EXPECT_OK(ReadMigrations(folder_));
  Write("0002_create_d.sql", "SELECT 1;");
  EXPECT_THAT(ReadMigrations(folder_),
              StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_INVALID"));
}

TEST_F(MigratorTest, FileNamesHaveOneForm) {
  for (const char* name : {"1_create.sql", "0001create.sql", "0001_.sql", "0001_Create.sql",
                           "x001_create.sql", "0000_create.sql", "00001_create.sql"}) {
    Write(name, "SELECT 1;");
    EXPECT_THAT(ReadMigrations(folder_),
                StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_INVALID"))
        << name;
    std::filesystem::remove(folder_ / name);
  }
}

TEST(SchemaVersionTest, AcceptsTheVersionOfThisBuildOnly) {
  pg::Pool pool({.connection_string = TempPostgres::Shared().CreateDatabase()});
  EXPECT_OK(CheckSchemaVersion(pool));
  ASSERT_OK(pool.Run({}, pg::TransactionMode::kReadWrite, [](pg::Transaction& transaction) {
    return transaction
        .ExecuteDynamic("newer",
                        "INSERT INTO schema_migrations SELECT max(version) + 1, 'x', 'x' FROM "
                        "schema_migrations")
        .status();
  }));
  const absl::Status newer = CheckSchemaVersion(pool);
  EXPECT_THAT(newer, StatusIs(absl::StatusCode::kFailedPrecondition, "SCHEMA_VERSION"));
  EXPECT_THAT(newer, HasMetadata("wanted", absl::StrCat(WantedSchemaVersion())));
  EXPECT_THAT(newer, HasMetadata("found", absl::StrCat(WantedSchemaVersion() + 1)));
}

TEST(SchemaVersionTest, AsksForMigrationOfAnEmptyDatabase) {
  pg::Pool pool({.connection_string = TempPostgres::Shared().CreateEmptyDatabase()});
  const absl::Status status = CheckSchemaVersion(pool);
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kFailedPrecondition, "SCHEMA_VERSION"));
  EXPECT_THAT(status, HasMetadata("found", "0"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("run registry_migrate"));
}

}  // namespace
}  // namespace metricstore::registry
