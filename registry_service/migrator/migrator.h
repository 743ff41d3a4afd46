// Brings a database to the schema version of a folder of migrations.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/pg/direct_connection.h"
#include "registry_service/migrator/migrations.h"

namespace metricstore::registry {

struct MigratorOptions {
  std::string connection_string;  // straight to PostgreSQL, not through PgBouncer
  // A migration gives up a lock it waits for after this long, so that others do not queue behind
  // it.
  absl::Duration lock_timeout = absl::Seconds(2);
  // For so long it tries again, with random pauses; also the wait for other migrators.
  absl::Duration lock_patience = absl::Seconds(30);
  absl::Duration statement_timeout = absl::Minutes(10);
};

// One connection, which also holds the session lock that keeps migrators apart: if either is lost,
// so is the other, and PostgreSQL rolls the running file back. Not thread-safe.
class Migrator {
 public:
  // UNAVAILABLE (DATABASE_UNAVAILABLE).
  static absl::StatusOr<std::unique_ptr<Migrator>> Connect(MigratorOptions options);

  // Applies what is pending, each file and its row in schema_migrations in one transaction, and
  // returns the versions applied by this call. `on_applied` is told of each once it is committed.
  // Errors: those of PendingMigrations; ABORTED (TRANSACTION_CONFLICT) if a lock did not become
  // free; UNAVAILABLE (DATABASE_UNAVAILABLE); INTERNAL if a file fails. Files applied before stay
  // applied.
  absl::StatusOr<std::vector<int>> Apply(
      const std::vector<Migration>& files,
      const std::function<void(const Migration&)>& on_applied = nullptr);

  // The rows of schema_migrations in order; none if the table does not exist. Takes no lock.
  absl::StatusOr<std::vector<AppliedMigration>> Applied();

 private:
  Migrator(MigratorOptions options, std::unique_ptr<pg::DirectConnection> connection);
  absl::Status Lock();
  absl::Status ApplyOne(const Migration& migration);
  absl::Status TryApply(const Migration& migration);
  absl::Status Retrying(const std::function<absl::Status()>& attempt);

  MigratorOptions options_;
  std::unique_ptr<pg::DirectConnection> connection_;
};

}  // namespace metricstore::registry
