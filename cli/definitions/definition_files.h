// Finds and reads the definition files of an import.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "cli/definitions/given_paths.h"
#include "metricstore/registry/v1/catalog_service.pb.h"

namespace metricstore::cli {

// What one ImportMetrics call carries at most.
inline constexpr size_t kMaxDefinitionFiles = 10'000;
inline constexpr size_t kMaxDefinitionBytes = 4u << 20;

// Files under the paths by which the registry gets to know them, and what people call those.
struct DefinitionInput {
  std::vector<registry::v1::DefinitionFile> files;
  GivenPaths paths;
};

// Every one of `paths` that is a file, and every *.yaml and *.yml below those that are folders, by
// relative path; hidden files and folders are left out. A file that lies directly in a given folder
// keeps the folder's name in front, because the last folder names the category of metrics that say
// none. A file that several paths lead to is read once. NOT_FOUND, FAILED_PRECONDITION (no such
// file, or more than an import carries), or what the system says.
absl::StatusOr<DefinitionInput> ReadDefinitionFiles(const std::vector<std::string>& paths);

}  // namespace metricstore::cli
