// registry_migrate: applies pending migrations, or shows which there are.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "common/status/macros.h"
#include "common/time/iso8601.h"
#include "registry_service/migrator/migrations.h"
#include "registry_service/migrator/migrator.h"

namespace metricstore::registry {
namespace {

struct Arguments {
  std::string database;
  std::string migrations = "migrations";
  bool status = false;
};

void PrintStatus(const std::vector<Migration>& files,
                 const std::vector<AppliedMigration>& applied) {
  size_t width = 4;
  for (const Migration& file : files) width = std::max(width, file.name.size());
  absl::PrintF("%-7s  %-*s  %-7s  %s\n", "version", static_cast<int>(width), "name", "state",
               "applied at");
  for (size_t i = 0; i < files.size(); ++i) {
    const bool is_applied = i < applied.size();
    const std::string when =
        is_applied
            ? FormatInstant(absl::FromUnixSeconds(absl::ToUnixSeconds(applied[i].applied_at)))
            : "";
    absl::PrintF("%-7d  %-*s  %-7s  %s\n", files[i].version, static_cast<int>(width), files[i].name,
                 is_applied ? "applied" : "pending", when);
  }
}

absl::Status Run(const Arguments& arguments) {
  ASSIGN_OR_RETURN(const auto files, ReadMigrations(arguments.migrations));
  ASSIGN_OR_RETURN(const auto migrator,
                   Migrator::Connect({.connection_string = arguments.database}));
  if (arguments.status) {
    ASSIGN_OR_RETURN(const auto applied, migrator->Applied());
    PrintStatus(files, applied);
    return PendingMigrations(files, applied).status();
  }
  ASSIGN_OR_RETURN(const auto versions, migrator->Apply(files, [](const Migration& migration) {
    absl::PrintF("applied %s\n", migration.name);
  }));
  absl::PrintF("the database is at version %d%s\n", files.back().version,
               versions.empty() ? ", nothing was pending" : "");
  return absl::OkStatus();
}

}  // namespace
}  // namespace metricstore::registry

int main(int argc, char** argv) {
  metricstore::registry::Arguments arguments;
  CLI::App app("Brings the registry's PostgreSQL database to the schema of this release.",
               "registry_migrate");
  app.add_option("--database", arguments.database,
                 "libpq connection string, straight to PostgreSQL; prefer the environment variable "
                 "where it holds a password")
      ->envname("METRICSTORE_DATABASE")
      ->required();
  app.add_option("--migrations", arguments.migrations, "folder of NNNN_verb_object.sql files")
      ->capture_default_str();
  app.add_flag("--status", arguments.status, "show applied and pending migrations, change nothing");
  CLI11_PARSE(app, argc, argv);
  const absl::Status status = metricstore::registry::Run(arguments);
  if (status.ok()) return 0;
  absl::FPrintF(stderr, "registry_migrate: %s\n", status.message());
  return 1;
}
