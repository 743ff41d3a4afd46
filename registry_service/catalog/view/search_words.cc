#include "registry_service/catalog/view/search_words.h"

#include "absl/strings/ascii.h"

namespace metricstore::registry {
namespace {

bool IsWordByte(unsigned char byte) { return byte >= 0x80 || absl::ascii_isalnum(byte); }

char Lower(char c) { return absl::ascii_tolower(static_cast<unsigned char>(c)); }

}  // namespace

void ForEachWord(std::string_view text, absl::FunctionRef<void(std::string_view)> take) {
  std::string word;
  for (const char c : text) {
    if (IsWordByte(static_cast<unsigned char>(c))) {
      word.push_back(Lower(c));
    } else if (!word.empty()) {
      take(word);
      word.clear();
    }
  }
  if (!word.empty()) take(word);
}

std::vector<std::string> WordsOf(std::string_view text) {
  std::vector<std::string> words;
  ForEachWord(text, [&](std::string_view word) { words.emplace_back(word); });
  return words;
}

std::string NormalName(std::string_view name) {
  std::string normal;
  bool gap = false;
  for (const char c : name) {
    if (c == '_' || c == '-' || absl::ascii_isspace(static_cast<unsigned char>(c))) {
      gap = !normal.empty();
      continue;
    }
    if (gap) normal.push_back('_');
    gap = false;
    normal.push_back(Lower(c));
  }
  return normal;
}

}  // namespace metricstore::registry
