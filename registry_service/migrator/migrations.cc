#include "registry_service/migrator/migrations.h"

#include <openssl/evp.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>
#include <string_view>
#include <system_error>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/status/error.h"
#include "common/status/macros.h"

namespace metricstore::registry {
namespace {

constexpr std::string_view kExtension = ".sql";
constexpr size_t kVersionDigits = 4;

absl::Status Unreadable(const std::filesystem::path& path, std::string_view description) {
  return status::FieldInvalid("migrations", path.string(), description);
}

std::string Sha256(std::string_view bytes) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  EVP_Digest(bytes.data(), bytes.size(), digest, &size, EVP_sha256(), nullptr);
  return absl::BytesToHexString(absl::string_view(reinterpret_cast<char*>(digest), size));
}

// The NNNN of "NNNN_verb_object", or 0 if the name is not of that form.
int VersionOf(std::string_view stem) {
  if (stem.size() < kVersionDigits + 2 || stem[kVersionDigits] != '_') return 0;
  int version = 0;
  const char* digits_end = stem.data() + kVersionDigits;
  const auto [end, error] = std::from_chars(stem.data(), digits_end, version);
  if (error != std::errc() || end != digits_end) return 0;
  const bool name_is_plain = std::all_of(stem.begin() + kVersionDigits + 1, stem.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
  return name_is_plain ? version : 0;
}

absl::StatusOr<Migration> ReadMigration(const std::filesystem::path& path) {
  Migration migration;
  migration.name = path.stem().string();
  migration.version = VersionOf(migration.name);
  if (migration.version <= 0) return Unreadable(path, "is not named NNNN_verb_object.sql");
  std::ifstream file(path, std::ios::binary);
  migration.sql.assign(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  if (!file.good() && !file.eof()) return Unreadable(path, "cannot be read");
  if (migration.sql.empty()) return Unreadable(path, "is empty or cannot be read");
  migration.sha256 = Sha256(migration.sql);
  return migration;
}

absl::Status SchemaMismatch(std::string_view message, size_t wanted, int found) {
  return status::ErrorBuilder(absl::StatusCode::kFailedPrecondition, "SCHEMA_VERSION", message)
      .Metadata("wanted", absl::StrCat(wanted))
      .Metadata("found", absl::StrCat(found))
      .Build();
}

}  // namespace

absl::StatusOr<std::vector<Migration>> ReadMigrations(const std::filesystem::path& folder) {
  std::error_code error;
  std::vector<Migration> migrations;
  std::filesystem::directory_iterator files(folder, error);
  for (; !error && files != std::filesystem::directory_iterator(); files.increment(error)) {
    if (files->path().extension() != kExtension) continue;
    ASSIGN_OR_RETURN(Migration migration, ReadMigration(files->path()));
    migrations.push_back(std::move(migration));
  }
  if (error) return Unreadable(folder, absl::StrCat("cannot be read: ", error.message()));
  if (migrations.empty()) return Unreadable(folder, "holds no migration");
  std::sort(migrations.begin(), migrations.end(), [](const Migration& a, const Migration& b) {
    return std::tie(a.version, a.name) < std::tie(b.version, b.name);
  });
  for (size_t i = 0; i < migrations.size(); ++i) {
    const int expected = static_cast<int>(i) + 1;
    if (migrations[i].version == expected) continue;
    return Unreadable(folder / (migrations[i].name + std::string(kExtension)),
                      migrations[i].version < expected
                          ? "has the number of another migration"
                          : absl::StrFormat("is there, but number %04d is missing", expected));
  }
  return migrations;
}

absl::StatusOr<std::vector<Migration>> PendingMigrations(
    const std::vector<Migration>& files, const std::vector<AppliedMigration>& applied) {
  const int found = applied.empty() ? 0 : applied.back().version;
  if (applied.size() > files.size() || found > static_cast<int>(files.size())) {
    return SchemaMismatch(
        absl::StrCat("the database is at schema version ", found,
                     ", newer than these migrations, which end at ", files.size()),
        files.size(), found);
  }
  for (size_t i = 0; i < applied.size(); ++i) {
    const AppliedMigration& row = applied[i];
    if (row.version != files[i].version || row.name != files[i].name) {
      return SchemaMismatch(
          absl::StrCat("migration ", row.name, " was applied, but its file is not there: found ",
                       files[i].name),
          files.size(), found);
    }
    if (row.sha256 != files[i].sha256) {
      return SchemaMismatch(absl::StrCat("migration ", row.name,
                                         " was changed after it was applied; restore the file and "
                                         "put the change into a new one"),
                            files.size(), found);
    }
  }
  return std::vector<Migration>(files.begin() + static_cast<std::ptrdiff_t>(applied.size()),
                                files.end());
}

}  // namespace metricstore::registry
