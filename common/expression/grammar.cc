#include "common/expression/grammar.h"

#include <pg_query.h>
#include <pthread.h>

#include <cstdint>
#include <utility>

#include "absl/strings/ascii.h"

namespace metricstore::expression {
namespace {

// Frees what libpg_query returned.
template <typename Result, void (*Free)(Result)>
struct Freed {
  explicit Freed(Result made) : result(made) {}
  ~Freed() { Free(result); }
  Freed(const Freed&) = delete;
  Freed& operator=(const Freed&) = delete;
  Result result;
};
using FreedParse = Freed<PgQueryParseResult, pg_query_free_parse_result>;
using FreedProtobuf = Freed<PgQueryProtobufParseResult, pg_query_free_protobuf_parse_result>;
using FreedDeparse = Freed<PgQueryDeparseResult, pg_query_free_deparse_result>;
using FreedScan = Freed<PgQueryScanResult, pg_query_free_scan_result>;

// Byte offset of a 1-based character of `query`.
size_t ByteOffset(std::string_view query, int character) {
  size_t at = 0;
  for (; at < query.size(); ++at) {
    if ((query[at] & 0xC0) != 0x80 && --character <= 0) break;
  }
  return at;
}

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

struct Token {
  size_t start = 0;
  size_t end = 0;
  uint64_t kind = 0;
  uint64_t keyword_kind = 0;
};

// Values of libpg_query's enum Token.
constexpr uint64_t kSemicolon = 59;
constexpr uint64_t kIdentifier = 258;
constexpr uint64_t kLineComment = 275;
constexpr uint64_t kBlockComment = 276;

Token ReadToken(std::string_view bytes) {
  Token token;
  for (WireReader reader(bytes); !reader.done();) {
    const uint64_t field = reader.Varint() >> 3;  // all are varints
    const uint64_t value = reader.Varint();
    if (field == 1) token.start = value;
    if (field == 2) token.end = value;
    if (field == 4) token.kind = value;
    if (field == 5) token.keyword_kind = value;
  }
  return token;
}

// The place where the next part of a tree that is not a place begins.
size_t SkipPlaces(std::string_view json, size_t at) {
  // Inside strings quotes are escaped, so that these are keys wherever they stand.
  static constexpr std::string_view kPlaces[] = {
      "\"location\":", "\"stmt_len\":", "\"stmt_location\":"};
  for (bool found = true; found;) {
    found = false;
    const size_t comma = at < json.size() && json[at] == ',' ? 1 : 0;
    const size_t letter = at + comma + 1;
    if (letter >= json.size() || (json[letter] != 'l' && json[letter] != 's')) break;
    for (const std::string_view place : kPlaces) {
      if (json.substr(at + comma, place.size()) != place) continue;
      at += comma + place.size();
      while (at < json.size() &&
             (json[at] == '-' || absl::ascii_isdigit(static_cast<unsigned char>(json[at])))) {
        ++at;
      }
      found = true;
    }
  }
  return at;
}

// libpg_query writes trees out by recursion, and the depth of a tree is bounded by its text alone:
// "1+1+1..." of 64 KiB takes more than 4 MiB of stack. Longer texts get a thread of their own with
// room for the deepest tree; shorter ones need less than half a MiB.
constexpr size_t kMaxBytesHere = 4 * 1024;
constexpr size_t kDeepStackBytes = size_t{64} * 1024 * 1024;  // reserved, not touched

GrammarTree ParseHere(const std::string& query) {
  const FreedParse parsed(pg_query_parse(query.c_str()));
  const PgQueryError* const error = parsed.result.error;
  if (error == nullptr) return {.json = parsed.result.parse_tree, .fault = std::nullopt};
  return {.json = "",
          .fault = GrammarFault{.message = error->message,
                                .offset = ByteOffset(query, error->cursorpos)}};
}

struct DeepParse {
  const std::string* query;
  GrammarTree tree;
};

void* RunDeepParse(void* argument) {
  auto* const parse = static_cast<DeepParse*>(argument);
  parse->tree = ParseHere(*parse->query);
  return nullptr;
}

}  // namespace

GrammarTree ParseGrammar(const std::string& query) {
  if (query.size() <= kMaxBytesHere) return ParseHere(query);
  DeepParse parse{.query = &query, .tree = {}};
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_t thread;
  const bool is_started = pthread_attr_setstacksize(&attributes, kDeepStackBytes) == 0 &&
                          pthread_create(&thread, &attributes, RunDeepParse, &parse) == 0;
  pthread_attr_destroy(&attributes);
  if (!is_started) return {.json = "", .fault = GrammarFault{"there is no memory to parse it", 0}};
  pthread_join(thread, nullptr);
  return std::move(parse.tree);
}

std::optional<std::string> PrintGrammar(const std::string& query) {
  const FreedProtobuf parsed(pg_query_parse_protobuf(query.c_str()));
  if (parsed.result.error != nullptr) return std::nullopt;
  const FreedDeparse printed(pg_query_deparse_protobuf(parsed.result.parse_tree));
  if (printed.result.error != nullptr) return std::nullopt;
  return std::string(printed.result.query);
}

std::optional<std::string> JoinTokens(const std::string& query) {
  const FreedScan scanned(pg_query_scan(query.c_str()));
  if (scanned.result.error != nullptr) return std::nullopt;
  std::string joined;
  for (WireReader reader({scanned.result.pbuf.data, scanned.result.pbuf.len}); !reader.done();) {
    if (reader.Varint() >> 3 != 2) {  // the version
      reader.Varint();
      continue;
    }
    const Token token = ReadToken(reader.Bytes());
    if (token.kind == kSemicolon || token.kind == kLineComment || token.kind == kBlockComment ||
        token.start > token.end || token.end > query.size()) {
      continue;
    }
    std::string text = query.substr(token.start, token.end - token.start);
    const bool is_plain_name = token.kind == kIdentifier && text[0] != '"';
    if (token.keyword_kind != 0 || is_plain_name) absl::AsciiStrToLower(&text);
    if (!joined.empty()) joined += ' ';
    joined += text;
  }
  return joined;
}

bool EqualButForPlaces(std::string_view a, std::string_view b) {
  size_t i = 0;
  size_t j = 0;
  while (true) {
    if (i < a.size() && (a[i] == ',' || a[i] == '"')) i = SkipPlaces(a, i);
    if (j < b.size() && (b[j] == ',' || b[j] == '"')) j = SkipPlaces(b, j);
    if (i == a.size() || j == b.size()) return i == a.size() && j == b.size();
    if (a[i++] != b[j++]) return false;
  }
}

}  // namespace metricstore::expression
