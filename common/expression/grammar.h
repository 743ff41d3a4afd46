// PostgreSQL's grammar: text in, text out. Here and in tokens.h are the only calls of libpg_query.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace metricstore::expression {

struct GrammarFault {
  std::string message;
  size_t offset = 0;  // in bytes
};

// What the grammar makes of a text: its parse tree as JSON, or why there is none.
struct GrammarTree {
  std::string json;
  std::optional<GrammarFault> fault;
};

// All are thread-safe: libpg_query keeps its memory contexts in thread-local storage.
GrammarTree ParseGrammar(const std::string& query);

// The statements as libpg_query prints their trees; nullopt where it cannot. It drops brackets that
// are needed in rare places, "(a OR b) IS NULL" for one, so that callers compare the trees.
std::optional<std::string> PrintGrammar(const std::string& query);

// Whether two JSON parse trees differ at most in where things stand.
bool EqualButForPlaces(std::string_view a, std::string_view b);

}  // namespace metricstore::expression
