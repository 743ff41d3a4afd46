// Literals of dates and instants, as expressions write them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace metricstore::expression {

// "2024-03-10" as days since 1970-01-01.
std::optional<int64_t> ParseDateLiteral(std::string_view text);
// "2024-03-10", "2024-03-10 14:30:00", "2024-03-10T14:30:00.5Z", "2024-03-10T14:30:00-05:00" as
// microseconds since the epoch; UTC unless an offset is given.
std::optional<int64_t> ParseTimestampLiteral(std::string_view text);

// The texts that parse back to the same value.
std::string FormatDateLiteral(int64_t days);
std::string FormatTimestampLiteral(int64_t micros);
std::string FormatRealLiteral(double value);

}  // namespace metricstore::expression
