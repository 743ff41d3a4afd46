#include "common/expression/literals.h"

#include <charconv>

#include "absl/time/time.h"
#include "common/time/iso8601.h"

namespace metricstore::expression {

std::optional<int64_t> ParseDateLiteral(std::string_view text) {
  const absl::StatusOr<absl::CivilDay> day = ParseDate("literal", text);
  if (!day.ok()) return std::nullopt;
  return ToEpochDays(*day);
}

std::optional<int64_t> ParseTimestampLiteral(std::string_view text) {
  // The date is checked apart: absl also takes years of any length and clips no day.
  if (text.size() < 10 || !ParseDateLiteral(text.substr(0, 10)).has_value()) return std::nullopt;
  const std::string copy(text);
  for (const char* const form :
       {"%Y-%m-%d", "%Y-%m-%d %H:%M:%E*S", "%Y-%m-%dT%H:%M:%E*S", "%Y-%m-%d %H:%M:%E*S%Ez",
        "%Y-%m-%dT%H:%M:%E*S%Ez", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M"}) {
    absl::Time time;
    if (absl::ParseTime(form, copy, &time, nullptr)) return ToMicros(time);
  }
  return std::nullopt;
}

std::string FormatDateLiteral(int64_t days) {
  return FormatDate(FromEpochDays(static_cast<int32_t>(days)));
}

std::string FormatTimestampLiteral(int64_t micros) { return FormatInstant(FromMicros(micros)); }

std::string FormatRealLiteral(double value) {
  char buffer[32];
  const auto end = std::to_chars(buffer, buffer + sizeof(buffer), value).ptr;
  std::string text(buffer, end);
  // A point keeps it from reading as an integer.
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

}  // namespace metricstore::expression
