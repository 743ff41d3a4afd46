// A whole input in memory: a mapped file, or standard input spooled to an unlinked file first.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace metricstore::cli {

// Owns the mapping. Move-only. The file must not be truncated while it is mapped.
class InputFile {
 public:
  // `path` "-" is standard input. NOT_FOUND, PERMISSION_DENIED, FAILED_PRECONDITION (a folder), or
  // what the system says.
  static absl::StatusOr<InputFile> Open(const std::string& path);
  // Reads `descriptor` to its end, so that it can be read twice. Errors as Open.
  static absl::StatusOr<InputFile> Spool(int descriptor);

  InputFile(InputFile&& other) noexcept;
  InputFile& operator=(InputFile&& other) noexcept;
  ~InputFile();

  std::string_view content() const { return {data_, size_}; }

 private:
  InputFile() = default;
  static absl::StatusOr<InputFile> Map(int descriptor, size_t size);

  const char* data_ = nullptr;
  size_t size_ = 0;
};

}  // namespace metricstore::cli
