// Finds and reads the definition files of an import.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "metricstore/registry/v1/catalog_service.pb.h"

namespace metricstore::cli {

// What one ImportMetrics call carries at most.
inline constexpr size_t kMaxDefinitionFiles = 10'000;
inline constexpr size_t kMaxDefinitionBytes = 4u << 20;

// `path` itself, or every *.yaml and *.yml below it, by relative path; hidden files and folders are
// left out. A file that lies directly in `path` keeps the folder's name in front, because the last
// folder names the category of metrics that say none. NOT_FOUND, FAILED_PRECONDITION (no such file,
// or more than an import carries), or what the system says.
absl::StatusOr<std::vector<registry::v1::DefinitionFile>> ReadDefinitionFiles(
    const std::string& path);

}  // namespace metricstore::cli
