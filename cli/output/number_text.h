// Numbers, rates and spans of time as people and programs read them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/time/time.h"

namespace metricstore::cli {

// The shortest decimal that reads back as the same double; with an exponent only below 1e-6 and
// from 1e21 on.
std::string FormatNumber(double value);

// "1,234,567".
std::string FormatCount(int64_t count);

// "1 row", "2 rows": `unit` in the singular.
std::string FormatCountOf(int64_t count, std::string_view unit);

// "812 rows/s", "15.3 k rows/s", "2.2 M rows/s".
std::string FormatRate(double per_second, std::string_view unit);

// "4.2 s", "3m 07s", "2h 05m".
std::string FormatElapsed(absl::Duration elapsed);

// Quotes `text` for a message: control characters become '?', and it is cut at 60 bytes.
std::string Quoted(std::string_view text);

}  // namespace metricstore::cli
