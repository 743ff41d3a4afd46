#include "cli/csv/input_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <utility>
#include <vector>

#include "cli/output/concat.h"
#include "cli/output/error_printer.h"
#include "common/status/macros.h"

namespace metricstore::cli {
namespace {

absl::Status SystemError(std::string_view what) {
  return absl::ErrnoToStatus(errno, std::string(what));
}

// A file descriptor that is closed.
class Descriptor {
 public:
  explicit Descriptor(int value) : value_(value) {}
  ~Descriptor() {
    if (value_ >= 0) close(value_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return value_; }

 private:
  int value_;
};

absl::StatusOr<int> OpenUnlinked() {
  const char* folder = std::getenv("TMPDIR");
  std::string path =
      Concat(folder != nullptr && *folder != '\0' ? folder : "/tmp", "/metricctl.XXXXXX");
  const int descriptor = mkostemp(path.data(), O_CLOEXEC);
  if (descriptor < 0) return SystemError(Concat("cannot create ", path));
  unlink(path.c_str());
  return descriptor;
}

absl::Status WriteAll(int descriptor, const char* data, size_t size) {
  while (size > 0) {
    const ssize_t written = write(descriptor, data, size);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return SystemError("cannot spool standard input");
    data += written;
    size -= static_cast<size_t>(written);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<InputFile> InputFile::Open(const std::string& path) {
  if (path == "-") return Spool(STDIN_FILENO);
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return SystemError(Concat("cannot open ", path));
  struct stat about {};
  if (fstat(file.get(), &about) != 0) return SystemError(Concat("cannot read ", path));
  if (S_ISDIR(about.st_mode)) return Failure(Concat(path, " is a folder, not a file"));
  if (!S_ISREG(about.st_mode)) return Spool(file.get());
  return Map(file.get(), static_cast<size_t>(about.st_size));
}

absl::StatusOr<InputFile> InputFile::Spool(int descriptor) {
  constexpr size_t kChunkBytes = 1 << 20;
  ASSIGN_OR_RETURN(const int spool, OpenUnlinked());
  const Descriptor closer(spool);
  std::vector<char> chunk(kChunkBytes);
  size_t size = 0;
  while (true) {
    const ssize_t count = read(descriptor, chunk.data(), chunk.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return SystemError("cannot read standard input");
    if (count == 0) break;
    RETURN_IF_ERROR(WriteAll(spool, chunk.data(), static_cast<size_t>(count)));
    size += static_cast<size_t>(count);
  }
  return Map(spool, size);
}

absl::StatusOr<InputFile> InputFile::Map(int descriptor, size_t size) {
  InputFile file;
  if (size == 0) return file;
  void* data = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, descriptor, 0);
  if (data == MAP_FAILED) return SystemError("cannot map the input");
  madvise(data, size, MADV_SEQUENTIAL);
  file.data_ = static_cast<const char*>(data);
  file.size_ = size;
  return file;
}

InputFile::InputFile(InputFile&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

InputFile& InputFile::operator=(InputFile&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

InputFile::~InputFile() {
  if (data_ != nullptr) munmap(const_cast<char*>(data_), size_);
}

}  // namespace metricstore::cli
