#include "common/expression/offset_argument.h"

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "common/expression/tokens.h"

namespace metricstore::expression {
namespace {

using nlohmann::json;

constexpr std::string_view kWord = "offset";
constexpr size_t kAddedBytes = 2;  // the quotes

std::string_view TextOf(const std::string& statement, const Token& token) {
  return std::string_view(statement).substr(token.start, token.end - token.start);
}

bool IsOffset(const std::string& statement, const Token& token) {
  return token.kind == TokenKind::kReservedWord &&
         absl::EqualsIgnoreCase(statement.substr(token.start, token.end - token.start),
                                std::string(kWord));
}

// The starts of the words to quote.
std::vector<size_t> FindArguments(const std::string& statement) {
  std::vector<size_t> starts;
  const std::optional<std::vector<Token>> tokens = ScanTokens(statement);
  if (!tokens.has_value()) return starts;  // the parser says why
  const Token* before = nullptr;
  const Token* word = nullptr;  // an OFFSET after "(" or ","
  for (const Token& token : *tokens) {
    if (token.kind == TokenKind::kComment) continue;
    const std::string_view text = TextOf(statement, token);
    if (word != nullptr && (text == "=>" || text == ":=")) starts.push_back(word->start);
    const bool may_be_argument = before != nullptr && (TextOf(statement, *before) == "(" ||
                                                       TextOf(statement, *before) == ",");
    word = may_be_argument && IsOffset(statement, token) ? &token : nullptr;
    before = &token;
  }
  return starts;
}

}  // namespace

QuotedOffsets::QuotedOffsets(const std::string& statement) : statement_(statement) {
  if (absl::AsciiStrToLower(statement).find(kWord) == std::string::npos) return;
  quoted_ = FindArguments(statement);
  // From the back, so that the places before stay.
  for (auto start = quoted_.rbegin(); start != quoted_.rend(); ++start) {
    statement_.replace(*start, kWord.size(), "\"" + std::string(kWord) + "\"");
  }
}

size_t QuotedOffsets::OriginalPlace(size_t place) const {
  size_t added = 0;
  for (const size_t start : quoted_) {
    if (place <= start + added) break;
    if (place < start + added + kWord.size() + kAddedBytes) return start;
    added += kAddedBytes;
  }
  return place - added;
}

void QuotedOffsets::RestorePlaces(json* tree) const {
  if (quoted_.empty()) return;
  std::vector<json*> pending = {tree};
  while (!pending.empty()) {
    json& node = *pending.back();
    pending.pop_back();
    for (auto part = node.begin(); part != node.end(); ++part) {
      if (part->is_structured()) {
        pending.push_back(&*part);
      } else if (node.is_object() && part->is_number_integer() &&
                 (part.key() == "location" || part.key() == "stmt_location") &&
                 part->get<int64_t>() >= 0) {
        *part = OriginalPlace(part->get<size_t>());
      }
    }
  }
}

}  // namespace metricstore::expression
