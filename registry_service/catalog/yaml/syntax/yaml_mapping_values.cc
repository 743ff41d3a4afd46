// Getters of YamlMapping that read a text as a value.

#include <algorithm>
#include <cmath>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/error.h"
#include "common/time/iso8601.h"
#include "registry_service/catalog/definition/excerpt.h"
#include "registry_service/catalog/yaml/syntax/yaml_mapping.h"

namespace metricstore::registry {
namespace {

// Longer ones have no use, and would not fit the types that store them.
constexpr absl::Duration kMaxSpan = absl::Hours(24 * 36'500);

}  // namespace

bool YamlMapping::Bool(std::string_view key, bool fallback) {
  const std::string text = Text(key);
  if (text.empty()) return fallback;
  if (text == "true" || text == "false") return text == "true";
  Invalid(key, absl::StrCat(FieldName(key), " must be true or false, not \"", Excerpt(text), "\""));
  return fallback;
}

std::optional<int> YamlMapping::Int(std::string_view key, int lowest, int highest) {
  const std::string text = Text(key);
  if (text.empty()) return std::nullopt;
  int value = 0;
  if (absl::SimpleAtoi(text, &value) && value >= lowest && value <= highest) return value;
  Invalid(key, absl::StrCat(FieldName(key), " must be a whole number from ", lowest, " to ",
                            highest, ", not \"", Excerpt(text), "\""));
  return std::nullopt;
}

std::optional<double> YamlMapping::Number(std::string_view key) {
  const YamlNode* node = Take(key);
  if (node == nullptr) return std::nullopt;
  const auto text = ScalarText(*node, key);
  if (!text.has_value()) return std::nullopt;
  double value = 0;
  if (absl::SimpleAtod(*text, &value) && std::isfinite(value)) return value;
  Invalid(key, absl::StrCat(FieldName(key), " must be a number, not \"", Excerpt(*text), "\""));
  return std::nullopt;
}

std::optional<absl::Duration> YamlMapping::Span(std::string_view key) {
  const std::string text = Text(key);
  if (text.empty()) return std::nullopt;
  const auto span = ParseSpan(FieldName(key), text);
  if (span.ok() && *span <= kMaxSpan) return *span;
  Invalid(key, absl::StrCat(FieldName(key), " must be a span of time like 30m or 1h30m, not \"",
                            Excerpt(text), "\""));
  return std::nullopt;
}

std::optional<absl::CivilDay> YamlMapping::Date(std::string_view key) {
  return DateFrom(key, Text(key));
}

std::optional<absl::CivilDay> YamlMapping::RequiredDate(std::string_view key) {
  return DateFrom(key, RequiredText(key));
}

std::optional<absl::CivilDay> YamlMapping::DateFrom(std::string_view key, const std::string& text) {
  if (text.empty()) return std::nullopt;
  const auto date = ParseDate(FieldName(key), text);
  if (date.ok()) return *date;
  Invalid(key, absl::StrCat(FieldName(key), " must be a date like 2024-03-10, not \"",
                            Excerpt(text), "\""));
  return std::nullopt;
}

bool YamlMapping::IsOneOf(const std::string& value, const std::vector<std::string>& names,
                          std::string_view key) {
  if (std::find(names.begin(), names.end(), value) != names.end()) return true;
  const std::string suggestion = status::ClosestMatch(value, names);
  Invalid(key, absl::StrCat(
                   FieldName(key), " must be one of ", absl::StrJoin(names, ", "), ", not \"",
                   Excerpt(value), "\"",
                   suggestion.empty() ? "" : absl::StrCat("; did you mean \"", suggestion, "\"?")));
  return false;
}

std::optional<std::string> YamlMapping::Choice(std::string_view key,
                                               const std::vector<std::string>& names) {
  const std::string text = Text(key);
  if (text.empty() || !IsOneOf(text, names, key)) return std::nullopt;
  return text;
}

std::optional<std::string> YamlMapping::RequiredChoice(std::string_view key,
                                                       const std::vector<std::string>& names) {
  const std::string text = RequiredText(key);
  if (text.empty() || !IsOneOf(text, names, key)) return std::nullopt;
  return text;
}

std::vector<std::string> YamlMapping::Choices(std::string_view key,
                                              const std::vector<std::string>& names) {
  std::vector<std::string> texts = Texts(key);
  std::erase_if(texts, [&](const std::string& text) { return !IsOneOf(text, names, key); });
  return texts;
}

}  // namespace metricstore::registry
