// Reads numbered migration files and tells which of them a database still lacks.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace metricstore::registry {

// One file NNNN_verb_object.sql. Immutable once released: its checksum is stored with its version.
struct Migration {
  int version = 0;
  std::string name;    // "0001_create_core"
  std::string sha256;  // of the file's bytes, lowercase hex
  std::string sql;
};

// A row of schema_migrations.
struct AppliedMigration {
  int version = 0;
  std::string name;
  std::string sha256;
  absl::Time applied_at;
};

// All migrations of `folder` in order; files that do not end in .sql are ignored. INVALID_ARGUMENT
// (FIELD_INVALID, field "migrations") if the folder cannot be read or is empty, a name is not of
// that form, or versions are not 1, 2, 3, ... without gap or duplicate.
absl::StatusOr<std::vector<Migration>> ReadMigrations(const std::filesystem::path& folder);

// The migrations to apply after `applied`, in order. FAILED_PRECONDITION (SCHEMA_VERSION, metadata
// wanted, found) if a file that was applied has changed or is missing, or if the database is newer
// than the files.
absl::StatusOr<std::vector<Migration>> PendingMigrations(
    const std::vector<Migration>& files, const std::vector<AppliedMigration>& applied);

}  // namespace metricstore::registry
