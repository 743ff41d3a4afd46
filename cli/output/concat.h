// Joins pieces of text: absl::StrCat does not take std::string_view where absl has its own.
#pragma once

#include <concepts>
#include <string>
#include <string_view>

namespace metricstore::cli {

inline void AppendPiece(std::string& text, std::string_view piece) { text.append(piece); }
inline void AppendPiece(std::string& text, char piece) { text.push_back(piece); }
template <std::integral Number>
void AppendPiece(std::string& text, Number piece) {
  text.append(std::to_string(piece));
}

// All `pieces` (texts, characters, integers) in one string.
template <typename... Pieces>
std::string Concat(const Pieces&... pieces) {
  std::string text;
  (AppendPiece(text, pieces), ...);
  return text;
}

}  // namespace metricstore::cli
