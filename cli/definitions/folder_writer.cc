#include "cli/definitions/folder_writer.h"

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <system_error>

#include "cli/output/concat.h"
#include "cli/output/error_printer.h"
#include "cli/output/number_text.h"
#include "common/status/macros.h"

namespace metricstore::cli {
namespace {

namespace fs = std::filesystem;

absl::Status Cannot(std::string_view what, const fs::path& path, const std::error_code& error) {
  return Failure(Concat("cannot ", what, " ", path.string(), ": ", error.message()));
}

// Paths come from a service: none may lead out of the folder.
bool StaysInside(const fs::path& path) {
  if (path.empty() || path.is_absolute() || !path.has_filename()) return false;
  return std::none_of(path.begin(), path.end(),
                      [](const fs::path& part) { return part == ".." || part == "."; });
}

bool HasContent(const fs::path& path, const std::string& content) {
  std::error_code error;
  if (!fs::is_regular_file(path, error)) return false;
  std::ifstream file(path, std::ios::binary);
  if (!file) return false;
  return std::string(std::istreambuf_iterator<char>(file), {}) == content;
}

absl::Status WriteWhole(const fs::path& path, const std::string& content) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << content;
  file.close();
  if (file) return absl::OkStatus();
  return Cannot("write", path, std::error_code(errno, std::generic_category()));
}

}  // namespace

absl::StatusOr<std::vector<std::string>> FolderWriter::DefinitionFiles() const {
  std::vector<std::string> found;
  std::error_code error;
  if (!fs::exists(root_, error)) return found;
  auto entry = fs::recursive_directory_iterator(root_, error);
  for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
    const fs::path& path = entry->path();
    if (path.filename().string().starts_with('.')) {
      entry.disable_recursion_pending();
    } else if (path.extension() == ".yaml" || path.extension() == ".yml") {
      found.push_back(path.lexically_relative(root_).generic_string());
    }
  }
  if (error) return Cannot("read", root_, error);
  std::sort(found.begin(), found.end());
  return found;
}

bool FolderWriter::IsFile() const {
  std::error_code error;
  return fs::exists(root_, error) && !fs::is_directory(root_, error);
}

absl::StatusOr<bool> FolderWriter::IsEmpty() const {
  std::error_code error;
  if (!fs::exists(root_, error) && !error) return true;
  const bool empty = fs::is_directory(root_, error) && fs::is_empty(root_, error);
  if (error) return Cannot("read", root_, error);
  return empty;
}

bool FolderWriter::Exists(const std::string& path) const {
  std::error_code error;
  return fs::exists(fs::symlink_status(root_ / path, error));
}

absl::StatusOr<WriteOutcome> FolderWriter::Write(const OutputFile& file) const {
  if (!StaysInside(file.path)) {
    return Failure(
        Concat(Quoted(file.path), " is no path inside the folder; nothing more written"));
  }
  const fs::path target = root_ / file.path;
  if (HasContent(target, file.content)) return WriteOutcome::kUnchanged;
  std::error_code error;
  fs::create_directories(target.parent_path(), error);
  if (error) return Cannot("make", target.parent_path(), error);
  // Hidden, so that an import of the folder never takes it for a definition.
  const fs::path draft =
      target.parent_path() / Concat(".", target.filename().string(), ".", getpid(), ".part");
  absl::Status status = WriteWhole(draft, file.content);
  if (status.ok()) {
    fs::rename(draft, target, error);
    if (error) status = Cannot("write", target, error);
  }
  if (!status.ok()) {
    fs::remove(draft, error);
    return status;
  }
  return WriteOutcome::kWritten;
}

}  // namespace metricstore::cli
