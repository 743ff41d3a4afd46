#include "tests/integration/calendars/market_pack.h"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "common/status/macros.h"

namespace metricstore::registry {
namespace fs = std::filesystem;

fs::path SourceFolder() {
  const char* root = std::getenv("METRICSTORE_SOURCE_DIR");
  return root == nullptr ? fs::current_path() : fs::path(root);
}

absl::StatusOr<Definitions> ReadMarketPack() {
  const fs::path pack = SourceFolder() / "packs/market";
  if (!fs::exists(pack)) return absl::NotFoundError(pack.string());
  std::vector<DefinitionFile> files;
  for (const auto& entry : fs::recursive_directory_iterator(pack)) {
    if (entry.path().extension() != ".yaml") continue;
    std::ifstream file(entry.path());
    files.push_back({fs::relative(entry.path(), pack).string(),
                     std::string(std::istreambuf_iterator<char>(file), {})});
  }
  Faults faults;
  Definitions definitions = ReadDefinitions(files, faults);
  RETURN_IF_ERROR(faults.ToStatus());
  return definitions;
}

absl::StatusOr<std::shared_ptr<const calendar::Calendar>> MarketCalendar(std::string_view name) {
  ASSIGN_OR_RETURN(const Definitions definitions, ReadMarketPack());
  for (const auto& located : definitions.calendars) {
    if (located.definition.name == name) return calendar::Calendar::Create(located.definition, 1);
  }
  return absl::NotFoundError(std::string(name));
}

}  // namespace metricstore::registry
