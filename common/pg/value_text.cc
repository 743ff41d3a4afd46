#include "common/pg/value_text.h"

#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdlib>

#include "absl/strings/escaping.h"
#include "absl/strings/str_format.h"

namespace metricstore::pg {
namespace {

constexpr std::string_view kInfinity = "infinity";
constexpr std::string_view kMinusInfinity = "-infinity";

// Takes text apart from the left; every method tells whether it found what it looked for.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  bool Char(char expected) {
    if (text_.empty() || text_.front() != expected) return false;
    text_.remove_prefix(1);
    return true;
  }
  template <typename Integer>
  bool Number(Integer& value) {
    if (text_.empty() || text_.front() < '0' || text_.front() > '9') return false;
    const auto [end, error] = std::from_chars(text_.data(), text_.data() + text_.size(), value);
    if (error != std::errc()) return false;
    text_.remove_prefix(end - text_.data());
    return true;
  }
  // Digits after a decimal point as microseconds.
  bool Micros(int64_t& micros) {
    micros = 0;
    int digits = 0;
    for (; digits < 6 && !text_.empty() && text_.front() >= '0' && text_.front() <= '9'; ++digits) {
      micros = micros * 10 + (text_.front() - '0');
      text_.remove_prefix(1);
    }
    const bool found = digits > 0;
    for (; digits < 6; ++digits) micros *= 10;
    return found;
  }
  bool TakeSuffix(std::string_view suffix) {
    if (!text_.ends_with(suffix)) return false;
    text_.remove_suffix(suffix.size());
    return true;
  }
  bool Done() const { return text_.empty(); }

 private:
  std::string_view text_;
};

bool ScanDay(Scanner& scanner, bool before_christ, absl::CivilDay& day) {
  int64_t year = 0;
  int month = 0;
  int day_of_month = 0;
  if (!scanner.Number(year) || !scanner.Char('-') || !scanner.Number(month) || !scanner.Char('-') ||
      !scanner.Number(day_of_month)) {
    return false;
  }
  day = absl::CivilDay(before_christ ? 1 - year : year, month, day_of_month);
  return true;
}

// +00, -03:30, +01:23:45 after a timestamp.
bool ScanZone(Scanner& scanner, int64_t& offset_seconds) {
  const bool negative = scanner.Char('-');
  if (!negative && !scanner.Char('+')) return false;
  int64_t hours = 0;
  int64_t minutes = 0;
  int64_t seconds = 0;
  if (!scanner.Number(hours)) return false;
  if (scanner.Char(':') && !scanner.Number(minutes)) return false;
  if (scanner.Char(':') && !scanner.Number(seconds)) return false;
  offset_seconds = (hours * 60 + minutes) * 60 + seconds;
  if (negative) offset_seconds = -offset_seconds;
  return true;
}

std::string FormatDayAndEra(absl::CivilDay day, std::string_view time_of_day) {
  const bool before_christ = day.year() <= 0;
  const int64_t year = before_christ ? 1 - day.year() : day.year();
  return absl::StrFormat("%04d-%02d-%02d%s%s", year, day.month(), day.day(),
                         std::string(time_of_day), before_christ ? " BC" : "");
}

}  // namespace

std::string FormatDouble(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "Infinity" : "-Infinity";
  char buffer[32];
  const auto [end, error] = std::to_chars(buffer, buffer + sizeof buffer, value);
  return std::string(buffer, end);
}

std::optional<double> ParseDouble(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string FormatTimestamp(absl::Time time) {
  if (time == absl::InfiniteFuture()) return std::string(kInfinity);
  if (time == absl::InfinitePast()) return std::string(kMinusInfinity);
  const int64_t micros = absl::ToUnixMicros(time);
  int64_t seconds = micros / 1'000'000;
  int64_t fraction = micros % 1'000'000;
  if (fraction < 0) {
    fraction += 1'000'000;
    --seconds;
  }
  const absl::CivilSecond civil =
      absl::ToCivilSecond(absl::FromUnixSeconds(seconds), absl::UTCTimeZone());
  return FormatDayAndEra(absl::CivilDay(civil),
                         absl::StrFormat(" %02d:%02d:%02d.%06d+00", civil.hour(), civil.minute(),
                                         civil.second(), fraction));
}

std::optional<absl::Time> ParseTimestamp(std::string_view text) {
  if (text == kInfinity) return absl::InfiniteFuture();
  if (text == kMinusInfinity) return absl::InfinitePast();
  Scanner scanner(text);
  const bool before_christ = scanner.TakeSuffix(" BC");
  absl::CivilDay day;
  int64_t hour = 0;
  int64_t minute = 0;
  int64_t second = 0;
  int64_t micros = 0;
  int64_t offset = 0;
  if (!ScanDay(scanner, before_christ, day) || !scanner.Char(' ') || !scanner.Number(hour) ||
      !scanner.Char(':') || !scanner.Number(minute) || !scanner.Char(':') ||
      !scanner.Number(second)) {
    return std::nullopt;
  }
  if (scanner.Char('.') && !scanner.Micros(micros)) return std::nullopt;
  if (!ScanZone(scanner, offset) || !scanner.Done()) return std::nullopt;
  return absl::FromCivil(absl::CivilSecond(day), absl::UTCTimeZone()) + absl::Hours(hour) +
         absl::Minutes(minute) + absl::Seconds(second - offset) + absl::Microseconds(micros);
}

std::string FormatDate(absl::CivilDay day) { return FormatDayAndEra(day, ""); }

std::optional<absl::CivilDay> ParseDate(std::string_view text) {
  Scanner scanner(text);
  const bool before_christ = scanner.TakeSuffix(" BC");
  absl::CivilDay day;
  if (!ScanDay(scanner, before_christ, day) || !scanner.Done()) return std::nullopt;
  return day;
}

std::string FormatBytes(std::string_view bytes) {
  return "\\x" + absl::BytesToHexString(absl::string_view(bytes.data(), bytes.size()));
}

std::optional<std::string> ParseBytes(std::string_view text) {
  if (!text.starts_with("\\x") || text.size() % 2 != 0) return std::nullopt;
  return absl::HexStringToBytes(absl::string_view(text.data() + 2, text.size() - 2));
}

void AppendArrayElement(std::string& array, std::string_view element) {
  array.push_back('"');
  for (const char c : element) {
    if (c == '"' || c == '\\') array.push_back('\\');
    array.push_back(c);
  }
  array.push_back('"');
}

std::optional<std::vector<std::optional<std::string>>> ParseArray(std::string_view text) {
  if (text.size() < 2 || text.front() != '{' || text.back() != '}') return std::nullopt;
  text = text.substr(1, text.size() - 2);
  std::vector<std::optional<std::string>> elements;
  size_t i = 0;
  while (i < text.size()) {
    std::string element;
    const bool quoted = text[i] == '"';
    if (quoted) ++i;
    for (; i < text.size() && text[i] != (quoted ? '"' : ','); ++i) {
      if (text[i] == '\\' && ++i == text.size()) return std::nullopt;
      element.push_back(text[i]);
    }
    if (quoted && i++ == text.size()) return std::nullopt;  // no closing quote
    if (!quoted && element == "NULL") {
      elements.emplace_back(std::nullopt);
    } else {
      elements.emplace_back(std::move(element));
    }
    if (i == text.size()) return elements;
    if (text[i++] != ',' || i == text.size()) return std::nullopt;
  }
  return elements;
}

}  // namespace metricstore::pg
