#include "registry_service/catalog/yaml/syntax/text_style.h"

#include <algorithm>
#include <array>
#include <string>

#include "absl/strings/ascii.h"

namespace metricstore::registry {
namespace {

bool IsOneOf(char c, std::string_view set) { return set.find(c) != std::string_view::npos; }

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Byte order mark, line separator, paragraph separator.
bool HasUnusualBreak(std::string_view text) {
  constexpr std::array<std::string_view, 3> kMarks = {"\xEF\xBB\xBF", "\xE2\x80\xA8",
                                                      "\xE2\x80\xA9"};
  return std::any_of(kMarks.begin(), kMarks.end(), [&](std::string_view mark) {
    return text.find(mark) != std::string_view::npos;
  });
}

// Words that some version of YAML reads as null, truth values or "merge here", in any case.
bool IsReservedWord(std::string_view text) {
  constexpr std::array<std::string_view, 9> kWords = {"null", "true", "false", "yes", "no",
                                                      "on",   "off",  "y",     "n"};
  const std::string lower = absl::AsciiStrToLower(std::string(text));
  return std::find(kWords.begin(), kWords.end(), lower) != kWords.end();
}

// Whether it may be read as a number, date or time: 12, 1_000, 0x1F, 1e5, 12:30:00, 2024-03-10.
bool LooksLikeNumber(std::string_view text) {
  return IsDigit(text.front()) && std::all_of(text.begin(), text.end(), [](char c) {
           return IsDigit(c) || IsOneOf(c, "abcdefABCDEFoxXtTzZ_.:,+- ");
         });
}

// Numbers, dates, instants and truth values as columns of raw tables hold them.
bool IsTypedValue(std::string_view text) {
  if (text == "true" || text == "false") return true;
  const std::string_view digits = text.substr(text.starts_with('-') ? 1 : 0);
  return !digits.empty() && IsDigit(digits.front()) && digits.back() != ':' &&
         std::all_of(digits.begin(), digits.end(),
                     [](char c) { return IsDigit(c) || IsOneOf(c, ".:+-eTZ"); });
}

bool IsPlain(std::string_view text, bool in_flow) {
  // What a plain text may begin with but rarely does is quoted too: - ? : . + ~ = <
  if (text.empty() || IsOneOf(text.front(), "-?:,[]{}#&*!|>'\"%@`.+~=< ")) return false;
  if (text.back() == ' ' || text.back() == ':') return false;
  if (text.find_first_of("\n\t") != std::string_view::npos) return false;
  if (text.find(": ") != std::string_view::npos || text.find(" #") != std::string_view::npos) {
    return false;
  }
  if (in_flow && text.find_first_of(",[]{}:#") != std::string_view::npos) return false;
  return !IsReservedWord(text) && !LooksLikeNumber(text) && !HasUnusualBreak(text);
}

// Lines that hold nothing but white space are read differently by different
// readers; the first line must show how far the others are indented.
bool IsLiteral(std::string_view text) {
  if (text.find('\n') == std::string_view::npos || HasUnusualBreak(text)) return false;
  if (IsOneOf(text.front(), " \t\n") || IsOneOf(text.back(), " \t\n")) return false;
  for (size_t start = 0; start < text.size();) {
    const size_t end = std::min(text.find('\n', start), text.size());
    const std::string_view line = text.substr(start, end - start);
    if (!line.empty() && line.find_first_not_of(" \t") == std::string_view::npos) return false;
    start = end + 1;
  }
  return true;
}

}  // namespace

TextStyle TextStyleOf(std::string_view text, const TextPlace& place) {
  if (place.typed && IsTypedValue(text)) return TextStyle::kPlain;
  if (IsPlain(text, place.in_flow)) return TextStyle::kPlain;
  if (!place.in_flow && !place.keeps_white_space && IsLiteral(text)) return TextStyle::kLiteral;
  return HasUnusualBreak(text) ? TextStyle::kQuotedEscaped : TextStyle::kQuoted;
}

}  // namespace metricstore::registry
