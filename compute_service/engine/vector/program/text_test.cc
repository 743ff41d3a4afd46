#include <algorithm>
#include <string_view>

#include "compute_service/engine/vector/program/program.h"

namespace metricstore::compute::vector {
namespace {

constexpr char kEscape = '\\';

char Folded(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// Bytes of the code point that starts with `lead`.
size_t PointBytes(char lead) {
  const auto byte = static_cast<unsigned char>(lead);
  return byte < 0xC0 ? 1 : (byte < 0xE0 ? 2 : (byte < 0xF0 ? 3 : 4));
}

// Whether the pattern's element at `*at` takes the text at `*from`; moves both behind it.
bool TakesOne(std::string_view pattern, std::string_view text, bool any_case, size_t* at,
              size_t* from) {
  if (*at == pattern.size() || *from == text.size()) return false;
  if (pattern[*at] == '_') {
    *at += 1;
    *from += std::min(PointBytes(text[*from]), text.size() - *from);
    return true;
  }
  const bool is_escaped = pattern[*at] == kEscape && *at + 1 < pattern.size();
  const char wanted = pattern[*at + (is_escaped ? 1 : 0)];
  const char found = text[*from];
  if (any_case ? Folded(wanted) != Folded(found) : wanted != found) return false;
  *at += is_escaped ? 2 : 1;
  *from += 1;
  return true;
}

// Every % first takes nothing; where the rest does not fit, the last one takes a character more.
// An earlier % needs no second try, since the last one reaches all that it could.
bool IsLike(std::string_view text, std::string_view pattern, bool any_case) {
  size_t at = 0;
  size_t from = 0;
  size_t retry_at = std::string_view::npos;
  size_t retry_from = 0;
  while (true) {
    if (at < pattern.size() && pattern[at] == '%') {
      retry_at = ++at;
      retry_from = from;
    } else if (from == text.size() && at == pattern.size()) {
      return true;
    } else if (!TakesOne(pattern, text, any_case, &at, &from)) {
      if (retry_at == std::string_view::npos || retry_from == text.size()) return false;
      retry_from += std::min(PointBytes(text[retry_from]), text.size() - retry_from);
      at = retry_at;
      from = retry_from;
    }
  }
}

}  // namespace

bool TextTest::operator()(std::string_view text) const {
  using expression::Function;
  switch (function) {
    case Function::kNotEqual:
      return text != literal;
    case Function::kLess:
      return text < literal;
    case Function::kLessEqual:
      return text <= literal;
    case Function::kGreater:
      return text > literal;
    case Function::kGreaterEqual:
      return text >= literal;
    case Function::kLike:
      return IsLike(text, literal, false);
    case Function::kIlike:
      return IsLike(text, literal, true);
    default:
      return text == literal;
  }
}

}  // namespace metricstore::compute::vector
