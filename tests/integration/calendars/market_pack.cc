#include "tests/integration/calendars/market_pack.h"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "common/status/macros.h"

namespace metricstore::registry {
namespace {

namespace fs = std::filesystem;

absl::StatusOr<Definitions> ReadFolder(const fs::path& folder) {
  if (!fs::exists(folder)) return absl::NotFoundError(folder.string());
  std::vector<DefinitionFile> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.path().extension() != ".yaml") continue;
    std::ifstream file(entry.path());
    files.push_back({fs::relative(entry.path(), folder).string(),
                     std::string(std::istreambuf_iterator<char>(file), {})});
  }
  Faults faults;
  Definitions definitions = ReadDefinitions(files, faults);
  RETURN_IF_ERROR(faults.ToStatus());
  return definitions;
}

}  // namespace

fs::path SourceFolder() {
  const char* root = std::getenv("METRICSTORE_SOURCE_DIR");
  return root == nullptr ? fs::current_path() : fs::path(root);
}

absl::StatusOr<Definitions> ReadMarketPack() { return ReadFolder(SourceFolder() / "packs/market"); }

absl::StatusOr<std::shared_ptr<const calendar::Calendar>> PackCalendar(std::string_view name) {
  for (const std::string pack : {"market", "business"}) {
    ASSIGN_OR_RETURN(const Definitions definitions,
                     ReadFolder(SourceFolder() / "packs" / pack / "calendars"));
    for (const auto& located : definitions.calendars) {
      if (located.definition.name == name) {
        return calendar::Calendar::Create(located.definition, 1);
      }
    }
  }
  return absl::NotFoundError("no pack has a calendar " + std::string(name));
}

}  // namespace metricstore::registry
