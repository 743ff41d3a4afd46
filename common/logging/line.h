// The text of one log line: a JSON object that always fits the limit.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "common/logging/logging.h"

namespace metricstore::logging {

inline constexpr size_t kMaxLineBytes = 8192;

// "time", "level", "service", "message", then the fields in their order; no line feed. A field with
// one of those names is left out. Bytes that are not UTF-8 become U+FFFD. A line beyond the limit
// has its longest texts cut, then its last fields left out, and ends with "truncated": true.
std::string FormatLine(absl::Time time, Level level, std::string_view service,
                       std::string_view message, std::initializer_list<Field> fields);

}  // namespace metricstore::logging
