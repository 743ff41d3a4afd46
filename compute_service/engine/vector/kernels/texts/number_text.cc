#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "compute_service/engine/vector/kernels/texts/value_text.h"

namespace metricstore::compute::vector {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsHexDigit(char c) { return absl::ascii_isxdigit(static_cast<unsigned char>(c)); }

// Without the underscores between digits; nullopt for others.
std::optional<std::string> WithoutUnderscores(std::string_view text) {
  std::string kept;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '_') {
      kept.push_back(text[i]);
      continue;
    }
    const bool is_inside =
        i > 0 && i + 1 < text.size() && IsHexDigit(text[i - 1]) && IsHexDigit(text[i + 1]);
    if (!is_inside) return std::nullopt;
  }
  return kept;
}

// A decimal number taken apart: 0.digits * 10^point.
struct Decimal {
  bool is_negative = false;
  std::string digits;
  int64_t point = 0;
};

std::optional<Decimal> ReadDecimal(std::string_view text) {
  Decimal decimal;
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
    decimal.is_negative = text[0] == '-';
    text.remove_prefix(1);
  }
  const auto take_digits = [&] {
    for (; !text.empty() && IsDigit(text[0]); text.remove_prefix(1)) decimal.digits += text[0];
  };
  take_digits();
  decimal.point = static_cast<int64_t>(decimal.digits.size());
  if (!text.empty() && text[0] == '.') {
    text.remove_prefix(1);
    take_digits();
  }
  if (decimal.digits.empty()) return std::nullopt;
  if (text.empty()) return decimal;
  if (text[0] != 'e' && text[0] != 'E') return std::nullopt;
  text.remove_prefix(1);
  if (!text.empty() && text[0] == '+') text.remove_prefix(1);
  int exponent = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), exponent);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  decimal.point += exponent;
  return decimal;
}

// Halves away from zero.
std::optional<int64_t> Rounded(const Decimal& decimal) {
  constexpr int64_t kMostDigits = 19;
  const auto first =
      std::find_if(decimal.digits.begin(), decimal.digits.end(), [](char c) { return c != '0'; });
  const int64_t zeroes = first - decimal.digits.begin();
  if (first == decimal.digits.end() || decimal.point < 0) return 0;
  if (decimal.point - zeroes > kMostDigits) return std::nullopt;
  const auto digit = [&](int64_t i) {
    return i < static_cast<int64_t>(decimal.digits.size()) ? decimal.digits[i] - '0' : 0;
  };
  __int128 whole = 0;
  for (int64_t i = zeroes; i < decimal.point; ++i) whole = whole * 10 + digit(i);
  if (digit(decimal.point) >= 5) ++whole;
  if (decimal.is_negative) whole = -whole;
  const auto value = static_cast<int64_t>(whole);
  return value == whole ? std::optional(value) : std::nullopt;
}

// 0x1F and 0b11, without a sign; nullopt for other texts.
std::optional<int64_t> ReadWithBase(std::string_view text) {
  const bool is_hex = text.starts_with("0x") || text.starts_with("0X");
  const bool is_binary = text.starts_with("0b") || text.starts_with("0B");
  if (!is_hex && !is_binary) return std::nullopt;
  text.remove_prefix(2);
  int64_t value = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value, is_hex ? 16 : 2);
  const bool is_read = error == std::errc() && end == text.data() + text.size() && text[0] != '-';
  return is_read ? std::optional(value) : std::nullopt;
}

// Digits d.ddd and the exponent of ten.
void SplitShortest(double value, std::string* digits, int* exponent) {
  char buffer[32];
  const auto end =
      std::to_chars(buffer, buffer + sizeof(buffer), value, std::chars_format::scientific).ptr;
  const std::string_view text(buffer, static_cast<size_t>(end - buffer));
  const size_t e = text.find('e');
  for (const char c : text.substr(0, e)) {
    if (IsDigit(c)) digits->push_back(c);
  }
  *exponent = std::atoi(std::string(text.substr(e + 1)).c_str());
}

std::string Scientific(const std::string& digits, int exponent) {
  const std::string size = std::to_string(std::abs(exponent));
  return absl::StrCat(digits.substr(0, 1), digits.size() > 1 ? "." : "", digits.substr(1),
                      exponent < 0 ? "e-" : "e+", size.size() < 2 ? "0" : "", size);
}

}  // namespace

std::string_view WithoutSpaces(std::string_view text) {
  while (!text.empty() && absl::ascii_isspace(static_cast<unsigned char>(text.front()))) {
    text.remove_prefix(1);
  }
  while (!text.empty() && absl::ascii_isspace(static_cast<unsigned char>(text.back()))) {
    text.remove_suffix(1);
  }
  return text;
}

std::string RealText(double value) {
  if (std::isnan(value)) return "nan";
  const std::string sign = std::signbit(value) ? "-" : "";
  if (std::isinf(value)) return absl::StrCat(sign, "inf");
  std::string digits;
  int exponent = 0;
  SplitShortest(value, &digits, &exponent);
  constexpr int kLeastFixed = -4;
  constexpr int kMostFixed = 15;
  if (exponent < kLeastFixed || exponent > kMostFixed) {
    return absl::StrCat(sign, Scientific(digits, exponent));
  }
  if (exponent < 0) {
    return absl::StrCat(sign, "0.", std::string(static_cast<size_t>(-exponent - 1), '0'), digits);
  }
  const auto whole = static_cast<size_t>(exponent) + 1;
  if (digits.size() <= whole) {
    return absl::StrCat(sign, digits, std::string(whole - digits.size(), '0'), ".0");
  }
  return absl::StrCat(sign, digits.substr(0, whole), ".", digits.substr(whole));
}

std::optional<double> ReadReal(std::string_view text) {
  const std::optional<std::string> kept = WithoutUnderscores(WithoutSpaces(text));
  // Names are read, but no payload of a NaN; hexadecimal forms are not numbers here.
  const bool is_plain = kept.has_value() && kept->find('(') == std::string::npos &&
                        kept->find('x') == std::string::npos;
  double value = 0;
  if (!is_plain || !absl::SimpleAtod(*kept, &value)) return std::nullopt;
  return value;
}

std::optional<int64_t> ReadInteger(std::string_view text) {
  const std::optional<std::string> kept = WithoutUnderscores(WithoutSpaces(text));
  if (!kept.has_value()) return std::nullopt;
  if (const std::optional<int64_t> based = ReadWithBase(*kept)) return based;
  const std::optional<Decimal> decimal = ReadDecimal(*kept);
  return decimal.has_value() ? Rounded(*decimal) : std::nullopt;
}

std::optional<bool> ReadCondition(std::string_view text) {
  const std::string word = absl::AsciiStrToLower(std::string(text));
  for (const std::string_view yes : {"true", "t", "yes", "y", "1"}) {
    if (word == yes) return true;
  }
  for (const std::string_view no : {"false", "f", "no", "n", "0"}) {
    if (word == no) return false;
  }
  return std::nullopt;
}

}  // namespace metricstore::compute::vector
