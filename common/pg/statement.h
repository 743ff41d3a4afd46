// SQL with a name: the unit in which queries are written down, labelled and tested.
#pragma once

#include <string>
#include <string_view>

#include "absl/time/time.h"

namespace metricstore::pg {

struct Statement {
  std::string_view name;                              // snake_case, unique in the program
  std::string_view sql;                               // parameters are $1, $2, ...
  absl::Duration timeout = absl::InfiniteDuration();  // tighter than the pool's, if set
};

// "name" with quotes doubled.
std::string QuoteIdentifier(std::string_view name);
// 'text' in a form safe under any standard_conforming_strings (E'...' where it has backslashes).
// Text must be UTF-8 without NUL.
std::string QuoteLiteral(std::string_view text);

}  // namespace metricstore::pg
