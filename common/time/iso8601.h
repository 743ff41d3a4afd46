// Instants and civil dates as ISO 8601 text and as integers.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"

namespace metricstore {

// "2024-03-10". INVALID_ARGUMENT (FIELD_INVALID naming `field`) unless exactly of that form, a real
// date and within years 1900 to 2200.
absl::StatusOr<absl::CivilDay> ParseDate(std::string_view field, std::string_view text);
std::string FormatDate(absl::CivilDay day);

// "2024-03-10T14:30:00Z"; microseconds are shown only where they are not zero.
std::string FormatInstant(absl::Time time);

// An instant as microseconds since the Unix epoch, the unit in which columns carry time (floor).
int64_t ToMicros(absl::Time time);
absl::Time FromMicros(int64_t micros);

// A date as days since 1970-01-01 and back.
int32_t ToEpochDays(absl::CivilDay day);
absl::CivilDay FromEpochDays(int32_t days);

// "30m", "1h30m", "45s", "1d" (24 h). INVALID_ARGUMENT (FIELD_INVALID naming `field`) for anything
// else, zero or negative.
absl::StatusOr<absl::Duration> ParseSpan(std::string_view field, std::string_view text);
// The shortest such text: 90 minutes is "1h30m".
std::string FormatSpan(absl::Duration span);

// The half-open range of dates [start, end).
struct DateRange {
  absl::CivilDay start;
  absl::CivilDay end;
  friend bool operator==(const DateRange&, const DateRange&) = default;
};

// The half-open range of instants [start, end).
struct TimeRange {
  absl::Time start;
  absl::Time end;
  friend bool operator==(const TimeRange&, const TimeRange&) = default;
};

}  // namespace metricstore
