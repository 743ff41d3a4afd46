// The definitions of the packs, read as an import reads them.
#pragma once

#include <filesystem>
#include <memory>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/calendar/calendar.h"
#include "registry_service/catalog/yaml/definition_files.h"

namespace metricstore::registry {

// The root of the source tree, by METRICSTORE_SOURCE_DIR.
std::filesystem::path SourceFolder();

// INVALID_ARGUMENT with all faults of the files.
absl::StatusOr<Definitions> ReadMarketPack();

// A calendar of one of the packs; NOT_FOUND if none of them has it.
absl::StatusOr<std::shared_ptr<const calendar::Calendar>> PackCalendar(std::string_view name);

}  // namespace metricstore::registry
