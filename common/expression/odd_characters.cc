#include "common/expression/odd_characters.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace metricstore::expression {
namespace {

struct Range {
  uint32_t first;
  uint32_t last;
};

// What is taken for a sign of the grammar.
constexpr struct {
  Range characters;
  std::string_view taken_for;
  std::string_view sign;
} kLookAlikes[] = {
    {{0x2018, 0x201B}, "quote", "'...'"},
    {{0x2032, 0x2032}, "quote", "'...'"},
    {{0x00B4, 0x00B4}, "quote", "'...'"},
    {{0xFF07, 0xFF07}, "quote", "'...'"},
    {{0x201C, 0x201F}, "quote", "'...' for a text, \"...\" for a name"},
    {{0x2033, 0x2033}, "quote", "'...' for a text, \"...\" for a name"},
    {{0x00AB, 0x00AB}, "quote", "'...' for a text, \"...\" for a name"},
    {{0x00BB, 0x00BB}, "quote", "'...' for a text, \"...\" for a name"},
    {{0xFF02, 0xFF02}, "quote", "'...' for a text, \"...\" for a name"},
    {{0x2010, 0x2015}, "minus", "-"},
    {{0x2212, 0x2212}, "minus", "-"},
    {{0xFE63, 0xFE63}, "minus", "-"},
    {{0xFF0D, 0xFF0D}, "minus", "-"},
    {{0xFF0B, 0xFF0B}, "plus", "+"},
    {{0x00D7, 0x00D7}, "sign of a product", "*"},
    {{0x2217, 0x2217}, "sign of a product", "*"},
    {{0x22C5, 0x22C5}, "sign of a product", "*"},
    {{0xFF0A, 0xFF0A}, "sign of a product", "*"},
    {{0x00F7, 0x00F7}, "sign of a division", "/"},
    {{0x2044, 0x2044}, "sign of a division", "/"},
    {{0x2215, 0x2215}, "sign of a division", "/"},
    {{0xFF0F, 0xFF0F}, "sign of a division", "/"},
    {{0x2260, 0x2260}, "comparison", "<>"},
    {{0x2264, 0x2264}, "comparison", "<="},
    {{0x2265, 0x2265}, "comparison", ">="},
    {{0xFF1C, 0xFF1C}, "comparison", "<"},
    {{0xFF1D, 0xFF1D}, "comparison", "="},
    {{0xFF1E, 0xFF1E}, "comparison", ">"},
    {{0xFF08, 0xFF08}, "bracket", "("},
    {{0xFF09, 0xFF09}, "bracket", ")"},
    {{0x060C, 0x060C}, "comma", ","},
    {{0x3001, 0x3001}, "comma", ","},
    {{0xFF0C, 0xFF0C}, "comma", ","},
    {{0xFF0E, 0xFF0E}, "point", "."},
};

constexpr Range kOtherSpaces[] = {{0x00A0, 0x00A0}, {0x1680, 0x1680}, {0x2000, 0x200A},
                                  {0x202F, 0x202F}, {0x205F, 0x205F}, {0x3000, 0x3000}};

// Joiners, marks of direction, separators of lines, fillers, tags.
constexpr Range kInvisible[] = {
    {0x00AD, 0x00AD}, {0x034F, 0x034F}, {0x061C, 0x061C}, {0x115F, 0x1160}, {0x17B4, 0x17B5},
    {0x180B, 0x180E}, {0x200B, 0x200F}, {0x2028, 0x202E}, {0x2060, 0x206F}, {0x3164, 0x3164},
    {0xFE00, 0xFE0F}, {0xFEFF, 0xFEFF}, {0xFFA0, 0xFFA0}, {0xFFF9, 0xFFFB}, {0xE0000, 0xE0FFF}};

// The grammar's own white space, of which some are control characters.
constexpr std::string_view kWhiteSpace = " \t\n\v\f\r";

bool Holds(const Range& range, uint32_t code) { return code >= range.first && code <= range.last; }

template <size_t kSize>
bool Hold(const Range (&ranges)[kSize], uint32_t code) {
  return std::any_of(std::begin(ranges), std::end(ranges),
                     [code](const Range& range) { return Holds(range, code); });
}

bool IsControl(uint32_t code) { return code < 0x20 || (code >= 0x7F && code <= 0x9F); }

std::string NameOf(uint32_t code) { return absl::StrFormat("U+%04X", code); }

struct Character {
  uint32_t code = 0;
  size_t bytes = 1;
};

// A byte that begins no whole character is one of its own: messages cut texts anywhere.
Character CharacterAt(std::string_view text, size_t at) {
  const auto lead = static_cast<unsigned char>(text[at]);
  const size_t bytes = lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  if (lead < 0x80) return {lead, 1};
  if (bytes == 1 || at + bytes > text.size()) return {0xFFFD, 1};
  uint32_t code = lead & (0x7Fu >> bytes);
  for (size_t i = 1; i < bytes; ++i) {
    code = code << 6 | (static_cast<unsigned char>(text[at + i]) & 0x3Fu);
  }
  return {code, bytes};
}

bool IsWordByte(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return absl::ascii_isalnum(byte) || c == '_' || byte >= 0x80;
}

// Past the quote that closes the one at `at`; two stand for one, and in E'...' so does \'.
size_t EndOfQuote(std::string_view text, size_t at) {
  const char quote = text[at];
  const bool is_escape = quote == '\'' && at > 0 && (text[at - 1] == 'e' || text[at - 1] == 'E') &&
                         (at == 1 || !IsWordByte(text[at - 2]));
  for (++at; at < text.size(); ++at) {
    if (is_escape && text[at] == '\\') {
      ++at;
    } else if (text[at] == quote) {
      if (at + 1 >= text.size() || text[at + 1] != quote) return at + 1;
      ++at;
    }
  }
  return text.size();
}

// Comments in /* and */ stand inside each other.
size_t EndOfBlockComment(std::string_view text, size_t at) {
  int depth = 0;
  while (at < text.size()) {
    const std::string_view sign = text.substr(at, 2);
    if (sign == "/*") ++depth;
    if (sign == "*/") --depth;
    at += sign == "/*" || sign == "*/" ? 2 : 1;
    if (depth == 0) return at;
  }
  return text.size();
}

// $tag$...$tag$, or `at` where no such quote begins.
size_t EndOfDollarQuote(std::string_view text, size_t at) {
  if (at > 0 && (IsWordByte(text[at - 1]) || text[at - 1] == '$')) return at;
  size_t end = at + 1;
  while (end < text.size() && IsWordByte(text[end])) ++end;
  const bool is_tag = end < text.size() && text[end] == '$' &&
                      !absl::ascii_isdigit(static_cast<unsigned char>(text[at + 1]));
  if (!is_tag) return at;
  const std::string_view tag = text.substr(at, end + 1 - at);
  const size_t close = text.find(tag, end + 1);
  return close == std::string_view::npos ? text.size() : close + tag.size();
}

// Past what is quoted, or a comment, from `at` on; `at` where neither begins.
size_t SkipQuoted(std::string_view text, size_t at) {
  if (text[at] == '\'' || text[at] == '"') return EndOfQuote(text, at);
  if (text[at] == '$') return EndOfDollarQuote(text, at);
  const std::string_view sign = text.substr(at, 2);
  if (sign == "/*") return EndOfBlockComment(text, at);
  return sign == "--" ? std::min(text.find('\n', at), text.size()) : at;
}

// What is odd about a character, or "".
std::string WhyOdd(std::string_view character, uint32_t code) {
  if (Hold(kInvisible, code)) {
    return absl::StrCat("the invisible character ", NameOf(code), " stands here: take it out");
  }
  if (Hold(kOtherSpaces, code)) {
    return absl::StrCat(NameOf(code), " is no space: write a plain one");
  }
  if (IsControl(code)) {
    return absl::StrCat("the control character ", NameOf(code), " stands here: take it out");
  }
  for (const auto& each : kLookAlikes) {
    if (!Holds(each.characters, code)) continue;
    return absl::StrCat(std::string(character), " (", NameOf(code), ") is no ",
                        std::string(each.taken_for), ": write ", std::string(each.sign));
  }
  return "";
}

}  // namespace

std::optional<OddCharacter> FindOddCharacter(std::string_view text) {
  for (size_t at = 0; at < text.size();) {
    if (const size_t end = SkipQuoted(text, at); end != at) {
      at = end;
      continue;
    }
    const Character character = CharacterAt(text, at);
    const bool is_plain = character.code >= ' ' && character.code <= '~';
    if (!is_plain && kWhiteSpace.find(text[at]) == std::string_view::npos) {
      std::string why = WhyOdd(text.substr(at, character.bytes), character.code);
      if (!why.empty()) return OddCharacter{at, std::move(why)};
    }
    at += character.bytes;
  }
  return std::nullopt;
}

std::string Visible(std::string_view text) {
  std::string visible;
  for (size_t at = 0, bytes = 0; at < text.size(); at += bytes) {
    const Character character = CharacterAt(text, at);
    bytes = character.bytes;
    const bool shows = !IsControl(character.code) && !Hold(kInvisible, character.code) &&
                       !Hold(kOtherSpaces, character.code);
    if (shows) {
      visible += text.substr(at, bytes);
    } else {
      absl::StrAppend(&visible, "<", NameOf(character.code), ">");
    }
  }
  return visible;
}

}  // namespace metricstore::expression
