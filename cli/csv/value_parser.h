// One field of a CSV file to one typed value.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/time/time.h"

namespace metricstore::cli {

// Each returns true and sets `value`, or returns false and says in `fault` what is wrong with the
// text: `"abc" is not a number`.

// Decimal or scientific notation; no NaN, no infinity, no thousands separators.
bool ParseFloat64(std::string_view text, double* value, std::string* fault);

// Decimal digits; a fraction of zeros is accepted ("205.0").
bool ParseInt64(std::string_view text, int64_t* value, std::string* fault);

// true/false, yes/no, 1/0 in any case.
bool ParseBool(std::string_view text, uint8_t* value, std::string* fault);

// "2013-10-07" to days since 1970-01-01. Years 1900 to 2200.
bool ParseDateField(std::string_view text, int32_t* value, std::string* fault);

// ISO 8601 to microseconds since the epoch: a date, then optionally "T" or a blank and HH:MM with
// optional seconds and fraction (to the microsecond), then optionally "Z" or an offset. A bare date
// is its midnight. Without an offset the text is local time in `zone`: a time that a clock change
// skips is refused, of two equal ones the earlier is taken.
bool ParseTimestamp(std::string_view text, absl::TimeZone zone, int64_t* value, std::string* fault);

}  // namespace metricstore::cli
