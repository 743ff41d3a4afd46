#include "registry_service/catalog/definition/text_form.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "common/columns/utf8.h"
#include "registry_service/catalog/definition/excerpt.h"

namespace metricstore::registry {
namespace {

constexpr std::string_view kWhiteSpace = " \t\n\v\f\r";

// Bytes of the character that `lead` begins, in text that is UTF-8.
size_t CharacterBytes(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead < 0xE0) return 2;
  return lead < 0xF0 ? 3 : 4;
}

uint32_t CodePointAt(std::string_view text, size_t at, size_t bytes) {
  const auto lead = static_cast<unsigned char>(text[at]);
  uint32_t code = bytes == 1 ? lead : lead & (0x7Fu >> bytes);
  for (size_t i = 1; i < bytes; ++i) {
    code = code << 6 | (static_cast<unsigned char>(text[at + i]) & 0x3Fu);
  }
  return code;
}

bool IsControl(uint32_t code) {
  return (code < 0x20 && code != '\n' && code != '\t') || (code >= 0x7F && code <= 0x9F);
}

std::string ControlCharacter(uint32_t code) {
  return absl::StrFormat("holds the control character U+%04X", code);
}

bool IsNoncharacter(uint32_t code) {
  return (code & 0xFFFE) == 0xFFFE || (code >= 0xFDD0 && code <= 0xFDEF);
}

// Where the first line begins that is not UTF-8: a character never spans one.
size_t LineWithoutUtf8(std::string_view text) {
  size_t start = 0;
  while (start < text.size()) {
    const size_t end = std::min(text.find('\n', start), text.size());
    if (!columns::IsStorableText(text.substr(start, end - start))) break;
    start = end + 1;
  }
  return start;
}

}  // namespace

std::string WithUnixLines(std::string_view text) {
  std::string lines(text);
  if (text.find('\r') != std::string_view::npos) absl::StrReplaceAll({{"\r\n", "\n"}}, &lines);
  return lines;
}

std::string NormalText(std::string_view text) {
  const size_t start = text.find_first_not_of(kWhiteSpace);
  if (start == std::string_view::npos) return "";
  return WithUnixLines(text.substr(start, text.find_last_not_of(kWhiteSpace) - start + 1));
}

std::optional<TextDefect> FindTextDefect(std::string_view text) {
  // A NUL is told as the control character that it is.
  const std::string_view until_nul = text.substr(0, text.find('\0'));
  if (!columns::IsStorableText(until_nul)) {
    return TextDefect{LineWithoutUtf8(until_nul), "is not UTF-8"};
  }
  for (size_t at = 0, bytes = 0; at < until_nul.size(); at += bytes) {
    bytes = 1;
    if (text[at] >= ' ' && text[at] <= '~') continue;
    bytes = CharacterBytes(static_cast<unsigned char>(text[at]));
    const uint32_t code = CodePointAt(text, at, bytes);
    if (IsControl(code)) return TextDefect{at, ControlCharacter(code)};
    if (IsNoncharacter(code)) {
      return TextDefect{at, absl::StrFormat("holds U+%04X, which is no character", code)};
    }
  }
  if (until_nul.size() == text.size()) return std::nullopt;
  return TextDefect{until_nul.size(), ControlCharacter(0)};
}

std::optional<std::string> TextFault(std::string_view field, std::string_view text) {
  const std::string name(field);
  if (text.size() > kMaxTextBytes) {
    return absl::StrCat(Excerpt(name), " is longer than ", kMaxTextBytes, " bytes");
  }
  if (const auto defect = FindTextDefect(text)) {
    return absl::StrCat(Excerpt(name), " ", defect->message);
  }
  return std::nullopt;
}

}  // namespace metricstore::registry
