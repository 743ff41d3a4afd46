// JSON log lines on standard error: a constant message, data in fields, never payloads or secrets.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace metricstore::logging {

using FieldValue = std::variant<std::string, int64_t, double, bool>;

// A named datum of a log line.
struct Field {
  std::string_view key;
  FieldValue value;
  Field(std::string_view k, std::string_view v) : key(k), value(std::string(v)) {}
  Field(std::string_view k, const char* v) : key(k), value(std::string(v)) {}
  Field(std::string_view k, const std::string& v) : key(k), value(v) {}
  Field(std::string_view k, bool v) : key(k), value(v) {}
  Field(std::string_view k, double v) : key(k), value(v) {}
  Field(std::string_view k, int v) : key(k), value(static_cast<int64_t>(v)) {}
  Field(std::string_view k, long v)
      : key(k), value(static_cast<int64_t>(v)) {}  // NOLINT(google-runtime-int)
  Field(std::string_view k, long long v)
      : key(k), value(static_cast<int64_t>(v)) {}  // NOLINT(google-runtime-int)
  Field(std::string_view k, unsigned long v)
      : key(k), value(static_cast<int64_t>(v)) {}  // NOLINT(google-runtime-int)
  Field(std::string_view k, absl::Duration v)
      : key(k), value(absl::ToDoubleSeconds(v)) {}  // seconds
  Field(std::string_view k, const absl::Status& v) : key(k), value(std::string(v.message())) {}
};

enum class Level { kDebug, kInfo, kWarning, kError };

// "debug", "info", "warning", "error": as in log lines and configuration files.
std::string_view LevelName(Level level);
std::optional<Level> ParseLevel(std::string_view name);
// From the lowest level to the highest.
std::vector<std::string> LevelNames();

// Sets the service name of every line and the lowest level written. Call once, early in main.
void Configure(std::string_view service, Level lowest);

// Thread-safe. Lines are cut to 8 KB; control characters are escaped.
void Log(Level level, std::string_view message, std::initializer_list<Field> fields = {});
inline void Info(std::string_view message, std::initializer_list<Field> fields = {}) {
  Log(Level::kInfo, message, fields);
}
inline void Warning(std::string_view message, std::initializer_list<Field> fields = {}) {
  Log(Level::kWarning, message, fields);
}
inline void Error(std::string_view message, std::initializer_list<Field> fields = {}) {
  Log(Level::kError, message, fields);
}
inline void Debug(std::string_view message, std::initializer_list<Field> fields = {}) {
  Log(Level::kDebug, message, fields);
}

}  // namespace metricstore::logging
