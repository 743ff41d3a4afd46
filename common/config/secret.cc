#include "common/config/secret.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "absl/strings/str_cat.h"

namespace metricstore::config {
namespace {

constexpr size_t kMaxSecretBytes = 64 << 10;

}  // namespace

absl::StatusOr<std::string> ReadSecretFile(const std::string& config_path,
                                           const std::string& path) {
  const auto full_path = std::filesystem::path(config_path).parent_path() / path;
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(full_path, ignored)) {
    return absl::InvalidArgumentError(absl::StrCat("no file ", full_path.string()));
  }
  std::ifstream file(full_path, std::ios::binary);
  std::string secret(std::istreambuf_iterator<char>(file), {});
  if (!file) return absl::InvalidArgumentError(absl::StrCat("cannot read ", full_path.string()));
  if (secret.size() > kMaxSecretBytes) {
    return absl::InvalidArgumentError(absl::StrCat(full_path.string(), " is larger than 64 KiB"));
  }
  while (!secret.empty() && (secret.back() == '\n' || secret.back() == '\r')) secret.pop_back();
  return secret;
}

absl::StatusOr<std::string> ReadSecretVariable(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  if (value == nullptr) {
    return absl::InvalidArgumentError(
        absl::StrCat("the environment variable ", name, " is not set"));
  }
  return std::string(value);
}

}  // namespace metricstore::config
