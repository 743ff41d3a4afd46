#include "cli/definitions/definition_files.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <string_view>
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

constexpr std::string_view kOneByOne =
    "import the folders one by one, calendars and datasets first";

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

// A file as it was found: how the registry and how people call it.
struct FoundFile {
  fs::path path;
  std::string sent;
  std::string given;
};

absl::StatusOr<std::vector<FoundFile>> FindBelow(const std::string& text) {
  const fs::path given = fs::path(text).lexically_normal();
  std::error_code error;
  const fs::file_status about = fs::status(given, error);
  if (error) return CannotRead(given, error);
  const bool folder = fs::is_directory(about);
  const fs::path root = folder ? given : fs::absolute(given).parent_path();
  std::vector<fs::path> paths = {fs::absolute(given)};
  if (folder) {
    ASSIGN_OR_RETURN(paths, FindFiles(root));
    if (paths.empty()) {
      return WithHint(Failure(Concat("there is no *.yaml or *.yml file in ", given.string())),
                      "definitions are YAML files; hidden folders are not searched");
    }
  }
  const std::string root_name = FolderName(root);
  std::vector<FoundFile> found;
  for (const fs::path& path : paths) {
    const fs::path shown = folder ? path : given;
    found.push_back(
        {path, ShownPath(path, root, root_name), shown.lexically_normal().generic_string()});
  }
  return found;
}

// All files of all paths, each once.
absl::StatusOr<std::vector<FoundFile>> FindAll(const std::vector<std::string>& paths) {
  std::vector<FoundFile> found;
  std::set<fs::path> seen;
  for (const std::string& path : paths) {
    ASSIGN_OR_RETURN(std::vector<FoundFile> below, FindBelow(path));
    for (FoundFile& file : below) {
      std::error_code error;
      const fs::path real = fs::canonical(file.path, error);
      if (seen.insert(error ? file.path : real).second) found.push_back(std::move(file));
    }
  }
  if (found.size() <= kMaxDefinitionFiles) return found;
  return WithHint(Failure(Concat("there are ", FormatCount(static_cast<int64_t>(found.size())),
                                 " definition files; one import takes at most ",
                                 FormatCount(kMaxDefinitionFiles))),
                  std::string(kOneByOne));
}

// Files of the same name below two folders: the registry needs to tell them apart.
std::string DistinctPath(const FoundFile& file, GivenPaths& paths) {
  std::string sent = file.sent;
  for (int i = 2; !paths.Add(sent, file.given); ++i) sent = Concat(i, "/", file.sent);
  return sent;
}

}  // namespace

absl::StatusOr<DefinitionInput> ReadDefinitionFiles(const std::vector<std::string>& paths) {
  ASSIGN_OR_RETURN(const std::vector<FoundFile> found, FindAll(paths));
  DefinitionInput input;
  size_t bytes = 0;
  for (const FoundFile& file : found) {
    ASSIGN_OR_RETURN(const InputFile content, InputFile::Open(file.path.string()));
    bytes += content.content().size();
    if (bytes > kMaxDefinitionBytes) {
      return WithHint(Failure("there are more than 4 MiB of definitions"), std::string(kOneByOne));
    }
    DefinitionFile& read = input.files.emplace_back();
    read.set_path(DistinctPath(file, input.paths));
    read.set_content(std::string(content.content()));
  }
  return input;
}

}  // namespace metricstore::cli
