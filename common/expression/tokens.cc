#include "common/expression/tokens.h"

#include <pg_query.h>

#include <cstdint>
#include <string_view>

#include "absl/strings/ascii.h"

namespace metricstore::expression {
namespace {

// Frees what libpg_query returned.
struct FreedScan {
  explicit FreedScan(const std::string& query) : result(pg_query_scan(query.c_str())) {}
  ~FreedScan() { pg_query_free_scan_result(result); }
  FreedScan(const FreedScan&) = delete;
  FreedScan& operator=(const FreedScan&) = delete;
  PgQueryScanResult result;
};

// Reads the wire format of libpg_query's ScanResult, which is too small for a generated reader.
class WireReader {
 public:
  explicit WireReader(std::string_view bytes) : bytes_(bytes) {}
  bool done() const { return bytes_.empty(); }

  uint64_t Varint() {
    uint64_t value = 0;
    for (int shift = 0; !bytes_.empty() && shift < 64; shift += 7) {
      const auto byte = static_cast<uint8_t>(bytes_.front());
      bytes_.remove_prefix(1);
      value |= static_cast<uint64_t>(byte & 0x7F) << shift;
      if (byte < 0x80) break;
    }
    return value;
  }
  std::string_view Bytes() {
    const std::string_view part = bytes_.substr(0, Varint());
    bytes_.remove_prefix(part.size());
    return part;
  }

 private:
  std::string_view bytes_;
};

// Values of libpg_query's enums Token and KeywordKind.
constexpr uint64_t kSemicolon = 59;
constexpr uint64_t kIdentifier = 258;
constexpr uint64_t kLineComment = 275;
constexpr uint64_t kBlockComment = 276;
constexpr uint64_t kReserved = 4;

TokenKind KindOf(uint64_t token, uint64_t keyword) {
  if (token == kSemicolon) return TokenKind::kSemicolon;
  if (token == kLineComment || token == kBlockComment) return TokenKind::kComment;
  if (token == kIdentifier) return TokenKind::kName;
  if (keyword == kReserved) return TokenKind::kReservedWord;
  return keyword != 0 ? TokenKind::kKeyword : TokenKind::kOther;
}

Token ReadToken(std::string_view bytes) {
  Token token;
  uint64_t kind = 0;
  uint64_t keyword = 0;
  for (WireReader reader(bytes); !reader.done();) {
    const uint64_t field = reader.Varint() >> 3;  // all are varints
    const uint64_t value = reader.Varint();
    if (field == 1) token.start = value;
    if (field == 2) token.end = value;
    if (field == 4) kind = value;
    if (field == 5) keyword = value;
  }
  token.kind = KindOf(kind, keyword);
  return token;
}

}  // namespace

std::optional<std::vector<Token>> ScanTokens(const std::string& query) {
  const FreedScan scanned(query);
  if (scanned.result.error != nullptr) return std::nullopt;
  std::vector<Token> tokens;
  for (WireReader reader({scanned.result.pbuf.data, scanned.result.pbuf.len}); !reader.done();) {
    if (reader.Varint() >> 3 != 2) {  // the version
      reader.Varint();
      continue;
    }
    const Token token = ReadToken(reader.Bytes());
    if (token.start <= token.end && token.end <= query.size()) tokens.push_back(token);
  }
  return tokens;
}

std::optional<std::string> JoinTokens(const std::string& query) {
  const std::optional<std::vector<Token>> tokens = ScanTokens(query);
  if (!tokens.has_value()) return std::nullopt;
  std::string joined;
  for (const Token& token : *tokens) {
    if (token.kind == TokenKind::kSemicolon || token.kind == TokenKind::kComment) continue;
    std::string text = query.substr(token.start, token.end - token.start);
    const bool is_plain_name = token.kind == TokenKind::kName && text[0] != '"';
    const bool is_keyword =
        token.kind == TokenKind::kKeyword || token.kind == TokenKind::kReservedWord;
    if (is_keyword || is_plain_name) absl::AsciiStrToLower(&text);
    if (!joined.empty()) joined += ' ';
    joined += text;
  }
  return joined;
}

}  // namespace metricstore::expression
