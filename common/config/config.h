// One strict YAML file to typed values: unknown keys and bad values are reported all at once, with
// their paths.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace metricstore::config {

// A mapping of the file. Each getter marks its key as known and collects a problem instead of
// failing; File::Finish reports them. Missing keys give the default; a missing section gives one in
// which every key is missing. Not thread-safe.
class Section {
 public:
  Section Sub(std::string_view key);
  std::string String(std::string_view key, std::string_view fallback);
  std::string RequiredString(std::string_view key);
  // The value itself, or `{file: PATH}` or `{env: NAME}`: for passwords and connection strings.
  // Never logged. A relative PATH is relative to the configuration file's folder.
  std::string Secret(std::string_view key, std::string_view fallback);
  int64_t Int(std::string_view key, int64_t fallback, int64_t lowest, int64_t highest);
  bool Bool(std::string_view key, bool fallback);
  // One of the words `allowed`.
  std::string OneOf(std::string_view key, std::string_view fallback,
                    const std::vector<std::string>& allowed);
  // "250ms", "30s", "5m", "1h".
  absl::Duration Duration(std::string_view key, absl::Duration fallback, absl::Duration lowest,
                          absl::Duration highest);

 private:
  friend class File;
  struct Rep;
  explicit Section(std::shared_ptr<Rep> rep) : rep_(std::move(rep)) {}
  std::shared_ptr<Rep> rep_;
};

class File {
 public:
  // NOT_FOUND (CONFIG_NOT_FOUND) if it cannot be read, INVALID_ARGUMENT (YAML_INVALID) if it is not
  // a YAML mapping. An empty file is a mapping without keys.
  static absl::StatusOr<File> Load(const std::string& path);
  static absl::StatusOr<File> Parse(const std::string& text, const std::string& path);
  Section Root();
  // OK, or INVALID_ARGUMENT (FIELD_INVALID) with one violation for each problem, unknown and
  // repeated keys included ("did you mean"). Call once, when every key has been asked for.
  absl::Status Finish();

 private:
  struct Rep;
  explicit File(std::shared_ptr<Rep> rep) : rep_(std::move(rep)) {}
  std::shared_ptr<Rep> rep_;
};

}  // namespace metricstore::config
