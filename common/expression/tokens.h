// The tokens of a text, as PostgreSQL's scanner cuts it.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace metricstore::expression {

enum class TokenKind { kKeyword, kReservedWord, kName, kSemicolon, kComment, kOther };

struct Token {
  TokenKind kind = TokenKind::kOther;
  size_t start = 0;  // in bytes
  size_t end = 0;
};

// In the order of the text; nullopt where the scanner fails. A quoted name is a kName. Thread-safe.
std::optional<std::vector<Token>> ScanTokens(const std::string& query);

// The tokens of `query` with one space between them: keywords and plain names in lower case, no
// comments, no semicolons.
std::optional<std::string> JoinTokens(const std::string& query);

}  // namespace metricstore::expression
