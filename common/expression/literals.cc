#include "common/expression/literals.h"

#include <algorithm>
#include <charconv>
#include <iterator>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/time/iso8601.h"

namespace metricstore::expression {
namespace {

// A constant, but one that PostgreSQL alone knows.
constexpr std::string_view kMidnight = "allballs";
constexpr std::string_view kClockWords[] = {"now", "today", "tomorrow", "yesterday", kMidnight};

bool IsLetter(char c) { return absl::ascii_isalpha(static_cast<unsigned char>(c)); }

}  // namespace

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

std::string ClockWordIn(std::string_view text) {
  // PostgreSQL cuts a date into runs of letters and of anything else.
  for (auto at = text.begin(); at != text.end();) {
    const auto start = std::find_if(at, text.end(), IsLetter);
    at = std::find_if_not(start, text.end(), IsLetter);
    std::string word = absl::AsciiStrToLower(std::string(start, at));
    const auto* const found = std::find(std::begin(kClockWords), std::end(kClockWords), word);
    if (found != std::end(kClockWords)) return word;
  }
  return "";
}

std::string WhyNoClockWord(std::string_view word) {
  if (word == kMidnight) return "'allballs' is a word of PostgreSQL alone: write '00:00:00'";
  return absl::StrCat("'", std::string(word),
                      "' reads the clock: the same definition over the same rows must give the "
                      "same number; write a fixed date or time such as '2024-03-10'");
}

}  // namespace metricstore::expression
