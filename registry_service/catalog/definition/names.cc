#include "registry_service/catalog/definition/names.h"

#include <algorithm>

#include "absl/strings/ascii.h"

namespace metricstore::registry {
namespace {

bool IsLower(char c) { return c >= 'a' && c <= 'z'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLowerWord(char c) { return IsLower(c) || IsDigit(c) || c == '_'; }

template <typename First, typename Rest>
bool HasForm(std::string_view name, First first, Rest rest) {
  return !name.empty() && name.size() <= kMaxNameBytes && first(name.front()) &&
         std::all_of(name.begin(), name.end(), rest);
}

}  // namespace

bool IsMetricName(std::string_view name) {
  return HasForm(
      name, [](char c) { return IsLower(c) || IsDigit(c); }, IsLowerWord);
}

bool IsCategoryName(std::string_view name) { return HasForm(name, IsLower, IsLowerWord); }

bool IsCalendarName(std::string_view name) {
  const auto alphanumeric = [](char c) {
    return IsLower(absl::ascii_tolower(static_cast<unsigned char>(c))) || IsDigit(c);
  };
  return HasForm(name, alphanumeric,
                 [&](char c) { return alphanumeric(c) || c == '_' || c == '.' || c == '-'; });
}

}  // namespace metricstore::registry
