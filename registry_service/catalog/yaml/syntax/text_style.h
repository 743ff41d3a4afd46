// How a text is written in YAML so that every reader takes it for that same text.
#pragma once

#include <string_view>

namespace metricstore::registry {

enum class TextStyle {
  kPlain,
  kQuoted,         // in double quotes
  kQuotedEscaped,  // that, with all but ASCII escaped: other readers break lines at some characters
  kLiteral         // | and the lines
};

// Where a text stands.
struct TextPlace {
  bool in_flow = false;           // inside [] or {}
  bool keeps_white_space = true;  // false: its reader cuts surrounding white space off
  bool typed = false;             // numbers, dates and truth values may be what they look like
};

// Not plain is what YAML 1.1 or 1.2 could take for a number, date, truth value or null, what begins
// like syntax, and what holds a mark of syntax. Several lines are literal where that is possible;
// its last line end must be of no matter to the reader.
TextStyle TextStyleOf(std::string_view text, const TextPlace& place);

}  // namespace metricstore::registry
