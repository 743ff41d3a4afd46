#include "cli/definitions/definition_files.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "cli/csv/input_file.h"
#include "cli/output/concat.h"
#include "cli/output/error_printer.h"
#include "cli/output/number_text.h"
#include "common/status/macros.h"

namespace metricstore::cli {
namespace {

namespace fs = std::filesystem;
using registry::v1::DefinitionFile;

bool IsDefinition(const fs::path& path) {
  return path.extension() == ".yaml" || path.extension() == ".yml";
}

bool IsHidden(const fs::path& path) { return path.filename().string().starts_with('.'); }

absl::Status CannotRead(const fs::path& path, const std::error_code& error) {
  const absl::Status status =
      error == std::errc::no_such_file_or_directory
          ? absl::NotFoundError(Concat(path.string(), " does not exist"))
          : Failure(Concat("cannot read ", path.string(), ": ", error.message()));
  return status;
}

// Name of the folder that `path` is, also for "." and "packs/market/".
std::string FolderName(const fs::path& path) {
  std::error_code error;
  const fs::path real = fs::canonical(path, error);
  return (error ? path : real).filename().string();
}

absl::StatusOr<std::vector<fs::path>> FindFiles(const fs::path& root) {
  std::error_code error;
  const auto options = fs::directory_options::skip_permission_denied;
  auto entry = fs::recursive_directory_iterator(root, options, error);
  std::vector<fs::path> found;
  for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
    if (IsHidden(entry->path())) {
      entry.disable_recursion_pending();
    } else if (IsDefinition(entry->path()) && entry->is_regular_file(error)) {
      found.push_back(entry->path());
    }
  }
  if (error) return CannotRead(root, error);
  std::sort(found.begin(), found.end());
  return found;
}

// The path under which the registry gets to know the file.
std::string ShownPath(const fs::path& file, const fs::path& root, const std::string& root_name) {
  const fs::path relative = file.lexically_relative(root);
  return (relative.has_parent_path() ? relative : fs::path(root_name) / relative).generic_string();
}

absl::StatusOr<DefinitionFile> ReadFile(const fs::path& path, std::string shown) {
  ASSIGN_OR_RETURN(const InputFile input, InputFile::Open(path.string()));
  DefinitionFile file;
  file.set_path(std::move(shown));
  file.set_content(std::string(input.content()));
  return file;
}

absl::Status CheckLimits(const fs::path& root, const std::vector<fs::path>& files) {
  if (files.empty()) {
    return WithHint(Failure(Concat("there is no *.yaml or *.yml file in ", root.string())),
                    "definitions are YAML files; hidden folders are not searched");
  }
  if (files.size() > kMaxDefinitionFiles) {
    return WithHint(
        Failure(Concat(root.string(), " holds ", FormatCount(static_cast<int64_t>(files.size())),
                       " definition files; one import takes at most ",
                       FormatCount(kMaxDefinitionFiles))),
        "import its folders one by one, calendars and datasets first");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<DefinitionFile>> ReadDefinitionFiles(const std::string& path) {
  const fs::path given = fs::path(path).lexically_normal();
  std::error_code error;
  const fs::file_status about = fs::status(given, error);
  if (error) return CannotRead(given, error);
  const bool folder = fs::is_directory(about);
  const fs::path root = folder ? given : fs::absolute(given).parent_path();
  std::vector<fs::path> paths;
  if (folder) {
    ASSIGN_OR_RETURN(paths, FindFiles(root));
  } else {
    paths.push_back(fs::absolute(given));
  }
  RETURN_IF_ERROR(CheckLimits(given, paths));
  const std::string root_name = FolderName(root);
  std::vector<DefinitionFile> files;
  size_t bytes = 0;
  for (const fs::path& file : paths) {
    ASSIGN_OR_RETURN(files.emplace_back(), ReadFile(file, ShownPath(file, root, root_name)));
    bytes += files.back().content().size();
    if (bytes > kMaxDefinitionBytes) {
      return WithHint(Failure(Concat(path, " holds more than 4 MiB of definitions")),
                      "import its folders one by one, calendars and datasets first");
    }
  }
  return files;
}

}  // namespace metricstore::cli
