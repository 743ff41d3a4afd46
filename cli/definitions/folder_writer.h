// Writes files below a folder, each one whole or not at all.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace metricstore::cli {

// A file to be written: its path relative to the folder, and its content.
struct OutputFile {
  std::string path;
  std::string content;
};

enum class WriteOutcome { kWritten, kUnchanged };

// Not thread-safe. Makes the folders that it needs; removes nothing. Errors: FAILED_PRECONDITION
// with what the system says.
class FolderWriter {
 public:
  explicit FolderWriter(std::string folder) : root_(std::move(folder)) {}

  // The folder's definition files (*.yaml, *.yml) by relative path, sorted; none if there is no
  // folder.
  absl::StatusOr<std::vector<std::string>> DefinitionFiles() const;
  // True if something is there that is no folder.
  bool IsFile() const;
  // True if there is nothing in the folder, or no folder.
  absl::StatusOr<bool> IsEmpty() const;
  bool Exists(const std::string& path) const;
  // Writes it beside its place and renames it there: readers see the old file or the new one. A
  // file that has the content already is left alone. Refuses paths that lead out of the folder.
  absl::StatusOr<WriteOutcome> Write(const OutputFile& file) const;

 private:
  std::filesystem::path root_;
};

}  // namespace metricstore::cli
