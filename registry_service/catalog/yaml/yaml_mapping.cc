#include "registry_service/catalog/yaml/yaml_mapping.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/error.h"
#include "common/time/iso8601.h"
#include "registry_service/catalog/definition/excerpt.h"

namespace metricstore::registry {
namespace {

// Far above what a definition needs, far below what would burden its readers.
constexpr size_t kMaxTextBytes = 16 * 1024;
constexpr size_t kMaxItems = 2'000;

std::string Trimmed(const std::string& text) {
  return std::string(absl::StripAsciiWhitespace(text));
}

}  // namespace

void YamlSource::Fault(int line, std::string_view reason, std::string_view field,
                       std::string message) {
  faulty.emplace(field);
  faults.Add(
      {path, line, std::string(reason), std::move(message), {{"field", std::string(field)}}});
}

void YamlSource::Invalid(int line, std::string_view field, std::string message) {
  Fault(line, "DEFINITION_INVALID", field, std::move(message));
}

YamlMapping::YamlMapping(const YamlNode& node, YamlSource& source, std::string where)
    : node_(node), source_(source), where_(std::move(where)) {
  if (node.kind == YamlNode::Kind::kMapping) return;
  const std::string field = where_.empty() ? "" : where_.substr(0, where_.size() - 1);
  source_.Invalid(node.line, field,
                  absl::StrCat(field.empty() ? "a definition" : field, " must be a mapping"));
}

const YamlNode* YamlMapping::Take(std::string_view key) {
  known_.emplace(key);
  for (size_t i = 0; i < node_.keys.size(); ++i) {
    if (node_.keys[i].scalar != key) continue;
    source_.lines[FieldName(key)] = node_.keys[i].line;
    return node_.items[i].kind == YamlNode::Kind::kNull ? nullptr : &node_.items[i];
  }
  return nullptr;
}

std::vector<std::pair<std::string, const YamlNode*>> YamlMapping::TakePrefixed(
    std::string_view prefix) {
  std::vector<std::pair<std::string, const YamlNode*>> taken;
  for (const YamlNode& node : node_.keys) {
    if (node.scalar.size() <= prefix.size() || node.scalar.compare(0, prefix.size(), prefix) != 0) {
      continue;
    }
    taken.emplace_back(node.scalar.substr(prefix.size()), Take(node.scalar));
  }
  return taken;
}

std::optional<std::string> YamlMapping::ScalarText(const YamlNode& node, std::string_view key) {
  if (node.kind != YamlNode::Kind::kScalar) {
    source_.Invalid(node.line, FieldName(key), absl::StrCat(FieldName(key), " must be a text"));
    return std::nullopt;
  }
  if (node.scalar.size() > kMaxTextBytes) {
    source_.Invalid(node.line, FieldName(key),
                    absl::StrCat(FieldName(key), " is longer than ", kMaxTextBytes, " bytes"));
    return std::nullopt;
  }
  return Trimmed(node.scalar);
}

std::string YamlMapping::Text(std::string_view key) {
  const YamlNode* node = Take(key);
  return node == nullptr ? "" : ScalarText(*node, key).value_or("");
}

std::string YamlMapping::RequiredText(std::string_view key) {
  const YamlNode* node = Take(key);
  if (node == nullptr) {
    Missing(key);
    return "";
  }
  const auto text = ScalarText(*node, key);
  if (text.has_value() && text->empty()) Missing(key);
  return text.value_or("");
}

std::vector<std::string> YamlMapping::Texts(std::string_view key) {
  std::vector<std::string> texts;
  const YamlNode* node = Take(key);
  if (node == nullptr) return texts;
  if (node->kind != YamlNode::Kind::kSequence) {
    source_.Invalid(node->line, FieldName(key),
                    absl::StrCat(FieldName(key), " must be a list: [a, b]"));
    return texts;
  }
  if (node->items.size() > kMaxItems) {
    Invalid(key, absl::StrCat(FieldName(key), " has more than ", kMaxItems, " items"));
    return texts;
  }
  for (const YamlNode& item : node->items) {
    const std::string item_key = absl::StrCat(std::string(key), "[", texts.size(), "]");
    source_.lines[FieldName(item_key)] = item.line;
    const auto text = ScalarText(item, item_key);
    if (text == "") {
      source_.Invalid(item.line, FieldName(item_key),
                      absl::StrCat(FieldName(key), " has an empty item"));
    }
    texts.push_back(text.value_or(""));
  }
  return texts;
}

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

std::optional<absl::Duration> YamlMapping::Span(std::string_view key) {
  const std::string text = Text(key);
  if (text.empty()) return std::nullopt;
  const auto span = ParseSpan(FieldName(key), text);
  if (span.ok()) return *span;
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

int YamlMapping::LineOf(std::string_view key) const {
  const auto found = source_.lines.find(FieldName(key));
  return found == source_.lines.end() ? node_.line : found->second;
}

void YamlMapping::Invalid(std::string_view key, std::string message) {
  source_.Invalid(LineOf(key), FieldName(key), std::move(message));
}

void YamlMapping::Missing(std::string_view key) {
  Invalid(key, absl::StrCat(FieldName(key), " is required"));
}

void YamlMapping::Finish() {
  const std::vector<std::string> known(known_.begin(), known_.end());
  for (const YamlNode& key : node_.keys) {
    if (key.kind != YamlNode::Kind::kScalar || known_.contains(key.scalar)) continue;
    const std::string suggestion = status::ClosestMatch(key.scalar, known);
    Fault fault{source_.path,
                key.line,
                "KEY_UNKNOWN",
                absl::StrCat("unknown key \"", Excerpt(FieldName(key.scalar)), "\""),
                {{"key", FieldName(key.scalar)}}};
    if (!suggestion.empty()) {
      // What is missing was most likely given, only misspelt: nothing follows from its absence.
      const std::string meant = FieldName(suggestion);
      if (!source_.lines.contains(meant)) source_.faulty.insert(meant);
      absl::StrAppend(&fault.message, "; did you mean \"", suggestion, "\"?");
      fault.metadata["suggestion"] = suggestion;
    }
    source_.faults.Add(std::move(fault));
  }
}

std::vector<const YamlNode*> TakeItems(YamlMapping& mapping, std::string_view key) {
  std::vector<const YamlNode*> items;
  const YamlNode* node = mapping.Take(key);
  if (node == nullptr) return items;
  if (node->kind != YamlNode::Kind::kSequence) {
    mapping.Invalid(key, absl::StrCat(mapping.FieldName(key), " must be a list"));
    return items;
  }
  if (node->items.size() > kMaxItems) {
    mapping.Invalid(key,
                    absl::StrCat(mapping.FieldName(key), " has more than ", kMaxItems, " items"));
    return items;
  }
  for (size_t i = 0; i < node->items.size(); ++i) {
    mapping.source().lines[absl::StrCat(mapping.FieldName(key), "[", i, "]")] = node->items[i].line;
    items.push_back(&node->items[i]);
  }
  return items;
}

}  // namespace metricstore::registry
