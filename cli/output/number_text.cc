#include "cli/output/number_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "absl/strings/str_format.h"
#include "cli/output/concat.h"

namespace metricstore::cli {
namespace {

constexpr double kSmallestFixed = 1e-6;
constexpr double kFirstScientific = 1e21;
constexpr size_t kMaxQuotedBytes = 60;

}  // namespace

std::string FormatNumber(double value) {
  const double magnitude = std::fabs(value);
  const bool fixed = value == 0 || (magnitude >= kSmallestFixed && magnitude < kFirstScientific);
  std::array<char, 64> buffer;
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                                 fixed ? std::chars_format::fixed : std::chars_format::scientific);
  return std::string(buffer.data(), end.ptr);
}

std::string FormatCount(int64_t count) {
  std::string digits = std::to_string(count);
  const size_t first = count < 0 ? 1 : 0;
  for (size_t place = digits.size(); place > first + 3; place -= 3)
    digits.insert(place - 3, 1, ',');
  return digits;
}

std::string FormatCountOf(int64_t count, std::string_view unit) {
  std::string_view plural = "s";
  if (count == 1) {
    plural = "";
  } else if (unit.ends_with("ch")) {
    plural = "es";
  } else if (unit.ends_with("ty") || unit.ends_with("ry")) {
    return Concat(FormatCount(count), " ", unit.substr(0, unit.size() - 1), "ies");
  }
  return Concat(FormatCount(count), " ", unit, plural);
}

std::string FormatRate(double per_second, std::string_view unit) {
  if (!std::isfinite(per_second)) per_second = 0;
  std::string number;
  if (per_second >= 1e6) {
    number = absl::StrFormat("%.1f M", per_second / 1e6);
  } else if (per_second >= 1e4) {
    number = absl::StrFormat("%.1f k", per_second / 1e3);
  } else {
    number = absl::StrFormat("%.0f", per_second);
  }
  return Concat(number, " ", unit, "/s");
}

std::string FormatElapsed(absl::Duration elapsed) {
  const double seconds = absl::ToDoubleSeconds(elapsed);
  if (seconds < 60) return absl::StrFormat("%.1f s", seconds);
  const int64_t whole = absl::ToInt64Seconds(elapsed);
  if (whole < 3600) return absl::StrFormat("%dm %02ds", whole / 60, whole % 60);
  return absl::StrFormat("%dh %02dm", whole / 3600, whole / 60 % 60);
}

std::string Quoted(std::string_view text) {
  std::string quoted = "\"";
  size_t kept = std::min(text.size(), kMaxQuotedBytes);
  // A cut never splits a UTF-8 character.
  while (kept < text.size() && kept > 0 &&
         (static_cast<unsigned char>(text[kept]) & 0xC0) == 0x80) {
    --kept;
  }
  for (const char c : text.substr(0, kept)) {
    const bool control = static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
    quoted.push_back(control ? '?' : c);
  }
  return quoted + (kept < text.size() ? "...\"" : "\"");
}

}  // namespace metricstore::cli
