#include "registry_service/migrator/migrator.h"

#include <utility>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/status/error.h"
#include "common/status/macros.h"

namespace metricstore::registry {
namespace {

// "metricst" in ASCII: the key under which migrators of this project exclude each other.
constexpr int64_t kLockKey = 0x6D65747269637374;

constexpr char kCreateTable[] = R"(
  CREATE TABLE IF NOT EXISTS schema_migrations (
    version     integer PRIMARY KEY,
    name        text NOT NULL,
    sha256      text NOT NULL,
    applied_at  timestamptz NOT NULL DEFAULT now()
  ))";
constexpr char kTableExists[] = "SELECT to_regclass('schema_migrations') IS NOT NULL";
constexpr char kReadApplied[] =
    "SELECT version, name, sha256, applied_at FROM schema_migrations ORDER BY version";
constexpr char kInsertApplied[] =
    "INSERT INTO schema_migrations (version, name, sha256) VALUES ($1, $2, $3)";
constexpr char kTransactionId[] = "SELECT pg_current_xact_id()::text";

std::string Setting(std::string_view name, absl::Duration value) {
  return absl::StrCat("SET ", std::string(name), " = ", absl::ToInt64Milliseconds(value), ";");
}

bool IsLockTimeout(const absl::Status& status) {
  return absl::IsAborted(status) && status::ReasonOf(status) == "TRANSACTION_CONFLICT";
}

}  // namespace

absl::StatusOr<std::unique_ptr<Migrator>> Migrator::Connect(MigratorOptions options) {
  ASSIGN_OR_RETURN(auto connection,
                   pg::DirectConnection::Open(options.connection_string, "registry_migrate"));
  // The server looks for a vanished client by itself, so that a killed migrator frees its lock.
  RETURN_IF_ERROR(connection->Execute(
      "migrator settings",
      absl::StrCat(
          Setting("lock_timeout", options.lock_timeout),
          Setting("statement_timeout", options.statement_timeout),
          Setting("client_connection_check_interval", absl::Seconds(1)),
          "SET client_min_messages = warning; SET TimeZone = 'UTC'; SET DateStyle = ISO")));
  return std::unique_ptr<Migrator>(new Migrator(std::move(options), std::move(connection)));
}

Migrator::Migrator(MigratorOptions options, std::unique_ptr<pg::DirectConnection> connection)
    : options_(std::move(options)), connection_(std::move(connection)) {}

absl::Status Migrator::Retrying(const std::function<absl::Status()>& attempt) {
  const absl::Time give_up_at = absl::Now() + options_.lock_patience;
  absl::BitGen random;
  while (true) {
    const absl::Status status = attempt();
    if (!IsLockTimeout(status) || absl::Now() >= give_up_at) return status;
    absl::SleepFor(absl::Milliseconds(absl::Uniform(random, 50, 500)));
  }
}

absl::Status Migrator::Lock() {
  return Retrying([this] {
    return connection_
        ->Query("lock of migrators", "SELECT pg_advisory_lock($1)", pg::Params().Add(kLockKey))
        .status();
  });
}

absl::StatusOr<std::vector<AppliedMigration>> Migrator::Applied() {
  ASSIGN_OR_RETURN(const pg::Result exists,
                   connection_->Query("find schema_migrations", kTableExists));
  std::vector<AppliedMigration> applied;
  if (!exists.Single().Bool(0)) return applied;
  ASSIGN_OR_RETURN(const pg::Result rows,
                   connection_->Query("read schema_migrations", kReadApplied));
  for (const pg::Row row : rows) {
    applied.push_back({.version = row.Int32(0),
                       .name = std::string(row.Text(1)),
                       .sha256 = std::string(row.Text(2)),
                       .applied_at = row.Time(3)});
  }
  return applied;
}

absl::StatusOr<std::vector<int>> Migrator::Apply(
    const std::vector<Migration>& files, const std::function<void(const Migration&)>& on_applied) {
  RETURN_IF_ERROR(Lock());
  RETURN_IF_ERROR(connection_->Execute("create schema_migrations", kCreateTable));
  ASSIGN_OR_RETURN(const auto applied, Applied());
  ASSIGN_OR_RETURN(const auto pending, PendingMigrations(files, applied));
  std::vector<int> versions;
  for (const Migration& migration : pending) {
    RETURN_IF_ERROR(ApplyOne(migration));
    versions.push_back(migration.version);
    if (on_applied) on_applied(migration);
  }
  RETURN_IF_ERROR(
      connection_->Query("unlock", "SELECT pg_advisory_unlock($1)", pg::Params().Add(kLockKey))
          .status());
  return versions;
}

absl::Status Migrator::ApplyOne(const Migration& migration) {
  return Retrying([&] {
    absl::Status status = TryApply(migration);
    if (!status.ok() && !absl::IsUnavailable(status)) {
      RETURN_IF_ERROR(connection_->Execute("roll back", "ROLLBACK"));
    }
    return status;
  });
}

absl::Status Migrator::TryApply(const Migration& migration) {
  RETURN_IF_ERROR(connection_->Execute("begin", "BEGIN"));
  ASSIGN_OR_RETURN(const pg::Result before, connection_->Query("transaction id", kTransactionId));
  RETURN_IF_ERROR(connection_->Execute(migration.name, migration.sql));
  ASSIGN_OR_RETURN(const pg::Result after, connection_->Query("transaction id", kTransactionId));
  if (before.Single().Text(0) != after.Single().Text(0)) {
    return status::InternalError(absl::StrCat(
        migration.name, ": ends its transaction, so that it may be half applied; mend it by hand"));
  }
  RETURN_IF_ERROR(
      connection_
          ->Query("insert schema_migrations", kInsertApplied,
                  pg::Params().Add(migration.version).Add(migration.name).Add(migration.sha256))
          .status());
  return connection_->Execute("commit", "COMMIT");
}

}  // namespace metricstore::registry
