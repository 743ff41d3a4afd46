#include "common/time/iso8601.h"

#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/status/error.h"

namespace metricstore {
namespace {

constexpr int kFirstYear = 1900;
constexpr int kLastYear = 2200;
// Longer numbers have no use in a span and would overflow.
constexpr size_t kMaxSpanDigits = 9;

struct SpanUnit {
  char letter;
  int64_t seconds;
};
// From large to small: the order in which a span is written.
constexpr SpanUnit kSpanUnits[] = {{'d', 86400}, {'h', 3600}, {'m', 60}, {'s', 1}};

// The value of `digits`, all of which must be decimal digits.
std::optional<int64_t> ParseDigits(std::string_view digits) {
  if (digits.empty() || digits.size() > kMaxSpanDigits) return std::nullopt;
  int64_t value = 0;
  for (char c : digits) {
    if (!absl::ascii_isdigit(static_cast<unsigned char>(c))) return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return value;
}

std::optional<absl::CivilDay> DateFrom(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const auto year = ParseDigits(text.substr(0, 4));
  const auto month = ParseDigits(text.substr(5, 2));
  const auto day = ParseDigits(text.substr(8, 2));
  if (!year || !month || !day || *year < kFirstYear || *year > kLastYear) return std::nullopt;
  const absl::CivilDay date(*year, *month, *day);
  // CivilDay normalises February 30 to March: then the parts differ.
  if (date.month() != *month || date.day() != *day) return std::nullopt;
  return date;
}

std::optional<int64_t> SecondsFrom(std::string_view text) {
  int64_t total = 0;
  for (const SpanUnit& unit : kSpanUnits) {
    const size_t end = text.find(unit.letter);
    if (end == std::string_view::npos) continue;
    const auto count = ParseDigits(text.substr(0, end));
    if (!count) return std::nullopt;
    total += *count * unit.seconds;
    text.remove_prefix(end + 1);
  }
  if (!text.empty() || total <= 0) return std::nullopt;
  return total;
}

}  // namespace

absl::StatusOr<absl::CivilDay> ParseDate(std::string_view field, std::string_view text) {
  if (const auto date = DateFrom(text)) return *date;
  return status::FieldInvalid(field, text, "expected a date like 2024-03-10, years 1900 to 2200");
}

std::string FormatDate(absl::CivilDay day) { return absl::FormatCivilTime(day); }

std::string FormatInstant(absl::Time time) {
  const int64_t micros = ToMicros(time);
  const bool whole_second = micros % 1'000'000 == 0;
  return absl::FormatTime(whole_second ? "%Y-%m-%dT%H:%M:%SZ" : "%Y-%m-%dT%H:%M:%E6SZ",
                          FromMicros(micros), absl::UTCTimeZone());
}

int64_t ToMicros(absl::Time time) { return absl::ToUnixMicros(time); }

absl::Time FromMicros(int64_t micros) { return absl::FromUnixMicros(micros); }

int32_t ToEpochDays(absl::CivilDay day) {
  return static_cast<int32_t>(day - absl::CivilDay(1970, 1, 1));
}

absl::CivilDay FromEpochDays(int32_t days) { return absl::CivilDay(1970, 1, 1) + days; }

absl::StatusOr<absl::Duration> ParseSpan(std::string_view field, std::string_view text) {
  if (const auto seconds = SecondsFrom(text)) return absl::Seconds(*seconds);
  return status::FieldInvalid(field, text, "expected a positive span like 30m, 1h30m, 45s or 1d");
}

std::string FormatSpan(absl::Duration span) {
  int64_t seconds = absl::ToInt64Seconds(span);
  std::string text;
  for (const SpanUnit& unit : kSpanUnits) {
    if (seconds < unit.seconds) continue;
    absl::StrAppend(&text, seconds / unit.seconds);
    text.push_back(unit.letter);
    seconds %= unit.seconds;
  }
  return text.empty() ? "0s" : text;
}

}  // namespace metricstore
