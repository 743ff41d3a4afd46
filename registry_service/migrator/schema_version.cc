#include "registry_service/migrator/schema_version.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/macros.h"

namespace metricstore::registry {
namespace {

constexpr pg::Statement kTableExists = {
    .name = "schema_migrations_exists",
    .sql = "SELECT to_regclass('schema_migrations') IS NOT NULL"};
constexpr pg::Statement kReadVersion = {
    .name = "schema_version", .sql = "SELECT coalesce(max(version), 0) FROM schema_migrations"};

}  // namespace

int WantedSchemaVersion() { return METRICSTORE_SCHEMA_VERSION; }

absl::Status CheckSchemaVersion(pg::Pool& pool, const CallBounds& bounds) {
  int found = 0;
  RETURN_IF_ERROR(
      pool.Run(bounds, pg::TransactionMode::kReadOnly, [&](pg::Transaction& transaction) {
        found = 0;
        ASSIGN_OR_RETURN(const pg::Result exists, transaction.Execute(kTableExists));
        if (!exists.Single().Bool(0)) return absl::OkStatus();
        ASSIGN_OR_RETURN(const pg::Result version, transaction.Execute(kReadVersion));
        found = version.Single().Int32(0);
        return absl::OkStatus();
      }));
  const int wanted = WantedSchemaVersion();
  if (found == wanted) return absl::OkStatus();
  const std::string advice = found < wanted
                                 ? "run registry_migrate"
                                 : "run the release of the service that belongs to the database";
  return status::ErrorBuilder(
             absl::StatusCode::kFailedPrecondition, "SCHEMA_VERSION",
             absl::StrCat("the database schema is at version ", found,
                          ", this release works with version ", wanted, ": ", advice))
      .Metadata("wanted", absl::StrCat(wanted))
      .Metadata("found", absl::StrCat(found))
      .Build();
}

}  // namespace metricstore::registry
