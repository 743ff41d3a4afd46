// The registry as a whole: configuration, readiness, refusal of a foreign schema.

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "common/config/config.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "registry_service/app/database_watch.h"
#include "registry_service/app/registry_app.h"
#include "registry_service/app/registry_config.h"
#include "tests/testing/matchers.h"
#include "tests/testing/temp_postgres.h"

namespace metricstore::registry {
namespace {

RegistryConfig ConfigFor(const std::string& conninfo) {
  RegistryConfig config;
  config.service.server.listen = "127.0.0.1:0";
  config.service.metrics_listen = "127.0.0.1:0";
  config.database.connection = conninfo;
  config.service.drain_grace = absl::Seconds(5);
  return config;
}

absl::StatusOr<RegistryConfig> Parse(const std::string& yaml) {
  auto file = config::File::Parse(yaml, "registry.yaml");
  if (!file.ok()) return file.status();
  return ReadRegistryConfig(*file);
}

TEST(RegistryConfig, HasDefaultsForAllButTheDatabase) {
  const auto config = Parse("database: {connection: 'dbname=x'}\n");
  ASSERT_OK(config);
  EXPECT_EQ(config->service.server.listen, "127.0.0.1:0");
  EXPECT_EQ(config->database.connection, "dbname=x");
  EXPECT_EQ(config->service.drain_grace, absl::Seconds(25));
  EXPECT_THAT(Parse("listen: 127.0.0.1:1\n"), testing::ViolatesField("database.connection"));
}

TEST(RegistryConfig, MayNameAComputeServiceThatRunsTheTestsOfMetrics) {
  const auto without = Parse("database: {connection: x}\n");
  ASSERT_OK(without);
  EXPECT_EQ(without->compute.target, "");
  EXPECT_EQ(without->compute.timeout, absl::Seconds(10));
  const auto with = Parse(
      "database: {connection: x}\ncompute: {target: '127.0.0.1:50052', timeout: 3s}\n"
      "server: {polling_threads: 2}\n");
  ASSERT_OK(with);
  EXPECT_EQ(with->compute.target, "127.0.0.1:50052");
  EXPECT_EQ(with->compute.timeout, absl::Seconds(3));
  EXPECT_EQ(with->service.server.polling_threads, 2);
  const auto misspelt = Parse("database: {connection: x}\ncompute: {targt: a}\n");
  EXPECT_THAT(misspelt, testing::ViolatesField("compute.targt"));
}

TEST(RegistryConfig, ReportsUnknownKeysAndBadValues) {
  const auto config = Parse(
      "databse: {}\ndatabase: {connection: x, unary_connections: 0}\nlog_level: loud\n"
      "server: {unary_thread: 3}\n");
  EXPECT_THAT(config, testing::StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_INVALID"));
  EXPECT_THAT(config, testing::ViolatesField("databse"));
  EXPECT_THAT(config, testing::ViolatesField("server.unary_thread"));
  EXPECT_THAT(config, testing::ViolatesField("database.unary_connections"));
  EXPECT_THAT(config, testing::ViolatesField("log_level"));
}

TEST(RegistryApp, ServesOnAMigratedDatabaseAndSaysWhere) {
  RegistryConfig config = ConfigFor(testing::TempPostgres::Shared().CreateDatabase());
  const auto folder =
      std::filesystem::temp_directory_path() / absl::StrCat("metricstore-app-test-", getpid());
  std::filesystem::create_directories(folder);
  config.service.ready_file = folder / "ready.json";
  auto app = RegistryApp::Start(config, [] { FAIL() << "fatal"; });
  ASSERT_OK(app);
  EXPECT_TRUE((*app)->ready());
  std::ifstream file(config.service.ready_file);
  const auto ready = nlohmann::json::parse(file);
  EXPECT_EQ(ready["grpc"], (*app)->grpc_port());
  EXPECT_EQ(ready["metrics"], (*app)->metrics_port());
  EXPECT_EQ(ready["pid"], getpid());
  (*app)->Drain(absl::Seconds(5));
  EXPECT_FALSE((*app)->abandoned_calls());
  std::filesystem::remove_all(folder);
}

TEST(RegistryApp, RefusesADatabaseWithoutItsSchema) {
  bool fatal = false;
  const auto app = RegistryApp::Start(
      ConfigFor(testing::TempPostgres::Shared().CreateEmptyDatabase()), [&] { fatal = true; });
  EXPECT_THAT(app, testing::StatusIs(absl::StatusCode::kFailedPrecondition, "SCHEMA_VERSION"));
  EXPECT_THAT(app, testing::HasMetadata("found", "0"));
  EXPECT_TRUE(fatal);
}

TEST(RegistryApp, StaysUpWithoutADatabase) {
  testing::TempPostgres postgres;
  const std::string conninfo = postgres.CreateDatabase();
  postgres.Stop();
  const auto app = RegistryApp::Start(ConfigFor(conninfo), [] { FAIL() << "fatal"; });
  ASSERT_OK(app);
  EXPECT_FALSE((*app)->ready());
}

// What a watch saw last.
class Looks {
 public:
  void Add(const absl::Status& look) {
    absl::MutexLock lock(&mutex_);
    last_ = look;
    ++count_;
  }
  // The next look with that code, within half a minute.
  bool Await(absl::StatusCode code) {
    absl::MutexLock lock(&mutex_);
    const auto seen = [&] { return count_ > 0 && last_.code() == code; };
    return mutex_.AwaitWithTimeout(absl::Condition(&seen), absl::Seconds(30));
  }
  absl::Status last() {
    absl::MutexLock lock(&mutex_);
    return last_;
  }

 private:
  absl::Mutex mutex_;
  absl::Status last_;
  int count_ = 0;
};

TEST(DatabaseWatch, FollowsAServerThatGoesAndComesBack) {
  testing::TempPostgres postgres;
  pg::PoolOptions options;
  options.connection_string = postgres.CreateDatabase();
  pg::Pool pool(options);
  Looks looks;
  DatabaseWatch watch(pool, {.interval = absl::Milliseconds(20)},
                      [&](const absl::Status& look) { looks.Add(look); });
  EXPECT_OK(watch.LookNow());
  watch.Start();
  postgres.Stop(true);
  EXPECT_TRUE(looks.Await(absl::StatusCode::kUnavailable)) << looks.last();
  postgres.Start();
  EXPECT_TRUE(looks.Await(absl::StatusCode::kOk)) << looks.last();
}

TEST(DatabaseWatch, AMigrationUnderneathDoesNotStopTheService) {
  pg::PoolOptions options;
  options.connection_string = testing::TempPostgres::Shared().CreateDatabase();
  pg::Pool pool(options);
  DatabaseWatch watch(pool, {}, [](const absl::Status&) {});
  ASSERT_OK(watch.LookNow());
  ASSERT_OK(pool.Run({}, pg::TransactionMode::kReadWrite, [](pg::Transaction& transaction) {
    return transaction
        .ExecuteDynamic("migrate", "UPDATE schema_migrations SET version = version + 10")
        .status();
  }));
  EXPECT_OK(watch.LookNow());
}

TEST(DatabaseWatch, TellsOfAForeignSchema) {
  pg::PoolOptions options;
  options.connection_string = testing::TempPostgres::Shared().CreateEmptyDatabase();
  pg::Pool pool(options);
  Looks looks;
  DatabaseWatch watch(pool, {.interval = absl::Milliseconds(20)},
                      [&](const absl::Status& look) { looks.Add(look); });
  watch.Start();
  EXPECT_TRUE(looks.Await(absl::StatusCode::kFailedPrecondition));
  EXPECT_TRUE(IsWrongSchema(looks.last()));
}

}  // namespace
}  // namespace metricstore::registry
