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

// Byte offset of a 1-based character of `query`.
size_t ByteOffset(std::string_view query, int character) {
  size_t at = 0;
  for (; at < query.size(); ++at) {
    if ((query[at] & 0xC0) != 0x80 && --character <= 0) break;
  }
  return at;
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
