// The form that texts of definitions have, so that each can be written to a file and read back.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace metricstore::registry {

// Far above what a definition needs, far below what would burden its readers.
inline constexpr size_t kMaxTextBytes = 16 * 1024;  // of one text
inline constexpr size_t kMaxListItems = 2'000;

// Ends of lines as LF alone.
std::string WithUnixLines(std::string_view text);
// That, and without surrounding white space.
std::string NormalText(std::string_view text);

// What keeps a text out of definitions.
struct TextDefect {
  size_t offset = 0;    // in bytes
  std::string message;  // "holds the control character U+0007"
};

// The first defect: bytes that are not UTF-8, control characters other than newline and tab, and
// code points that stand for no character (U+FFFE).
std::optional<TextDefect> FindTextDefect(std::string_view text);

// Why `text` cannot be the value of `field`: too long, or with a defect.
std::optional<std::string> TextFault(std::string_view field, std::string_view text);

}  // namespace metricstore::registry
