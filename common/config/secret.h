// Where secrets are kept outside of the configuration file.
#pragma once

#include <string>

#include "absl/status/statusor.h"

namespace metricstore::config {

// The file's content without trailing line ends. A relative path is relative to `config_path`'s
// folder. INVALID_ARGUMENT with a text fit for a field violation; it never holds content.
absl::StatusOr<std::string> ReadSecretFile(const std::string& config_path, const std::string& path);

// The environment variable's value. INVALID_ARGUMENT if it is not set.
absl::StatusOr<std::string> ReadSecretVariable(const std::string& name);

}  // namespace metricstore::config
