#include "common/expression/metric_literals.h"

#include <algorithm>
#include <charconv>
#include <iterator>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace metricstore::expression {
namespace {

constexpr size_t kMaxNameBytes = 63;
constexpr std::string_view kUnits[] = {"hour", "day", "week", "month", "quarter", "year"};

bool IsLetter(char c) { return c >= 'a' && c <= 'z'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool IsName(std::string_view text, bool may_start_with_digit) {
  if (text.empty() || text.size() > kMaxNameBytes) return false;
  if (!IsLetter(text[0]) && !(may_start_with_digit && IsDigit(text[0]))) return false;
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return IsLetter(c) || IsDigit(c) || c == '_'; });
}

std::string_view Trimmed(std::string_view text) {
  const size_t first = text.find_first_not_of(' ');
  if (first == std::string_view::npos) return "";
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

}  // namespace

bool IsMetricId(std::string_view text) {
  const size_t slash = text.find('/');
  return slash != std::string_view::npos && IsName(text.substr(0, slash), false) &&
         IsName(text.substr(slash + 1), true);
}

std::optional<std::string> CanonicalOffset(std::string_view text) {
  const std::string_view trimmed = Trimmed(text);
  int count = 0;
  const auto [end, error] = std::from_chars(trimmed.data(), trimmed.data() + trimmed.size(), count);
  if (error != std::errc() || count < 1 || count > kMaxOffsetUnits) return std::nullopt;
  const std::string_view rest = trimmed.substr(static_cast<size_t>(end - trimmed.data()));
  if (!rest.starts_with(' ')) return std::nullopt;
  std::string unit = absl::AsciiStrToLower(std::string(Trimmed(rest)));
  if (unit.ends_with('s')) unit.pop_back();
  if (std::find(std::begin(kUnits), std::end(kUnits), unit) == std::end(kUnits)) {
    return std::nullopt;
  }
  return absl::StrCat(count, " ", unit, count == 1 ? "" : "s");
}

}  // namespace metricstore::expression
