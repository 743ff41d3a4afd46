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

// PostgreSQL reads these words in any date or time and in any place of it, so that the meaning of a
// definition would change from one day to the next. The first of them in `text`, in lower case;
// "" if there is none. 'infinity' and 'epoch' are constants and none of them. The words mean
// nothing in texts that are not read as a date or time: callers ask only about those that are.
std::string ClockWordIn(std::string_view text);

// The refusal of `word`, with what to write instead.
std::string WhyNoClockWord(std::string_view word);

}  // namespace metricstore::expression
