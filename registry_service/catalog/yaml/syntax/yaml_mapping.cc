#include "registry_service/catalog/yaml/syntax/yaml_mapping.h"

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "registry_service/catalog/definition/excerpt.h"
#include "registry_service/catalog/definition/text_form.h"

namespace metricstore::registry {

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
  known_prefixes_.emplace_back(prefix);
  std::vector<std::pair<std::string, const YamlNode*>> taken;
  for (const YamlNode& node : node_.keys) {
    if (node.scalar.size() <= prefix.size() || node.scalar.compare(0, prefix.size(), prefix) != 0) {
      continue;
    }
    taken.emplace_back(node.scalar.substr(prefix.size()), Take(node.scalar));
  }
  return taken;
}

std::optional<std::string> YamlMapping::WrittenText(const YamlNode& node, std::string_view key) {
  if (node.kind != YamlNode::Kind::kScalar) {
    // - status <> ': ' is a mapping to YAML.
    const bool may_be_text = node.kind == YamlNode::Kind::kMapping;
    source_.Invalid(node.line, FieldName(key),
                    absl::StrCat(FieldName(key), " must be a text",
                                 may_be_text ? ": one with \": \" in it stands in quotes" : ""));
    return std::nullopt;
  }
  if (node.scalar.size() > kMaxTextBytes) {
    source_.Invalid(node.line, FieldName(key),
                    absl::StrCat(FieldName(key), " is longer than ", kMaxTextBytes, " bytes"));
    return std::nullopt;
  }
  return node.scalar;
}

std::optional<std::string> YamlMapping::ScalarText(const YamlNode& node, std::string_view key) {
  const auto text = WrittenText(node, key);
  if (!text.has_value()) return std::nullopt;
  return NormalText(*text);
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
  if (node->items.size() > kMaxListItems) {
    Invalid(key, absl::StrCat(FieldName(key), " has more than ", kMaxListItems, " items"));
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

std::map<std::string, std::string> YamlMapping::AllTexts() {
  std::map<std::string, std::string> texts;
  for (size_t i = 0; i < node_.keys.size(); ++i) {
    const std::string& key = node_.keys[i].scalar;
    known_.insert(key);
    if (node_.items[i].kind == YamlNode::Kind::kNull) continue;
    if (auto text = WrittenText(node_.items[i], key)) texts[key] = *std::move(text);
  }
  return texts;
}

int YamlMapping::LineOf(std::string_view key) const {
  const auto found = source_.lines.find(FieldName(key));
  return found == source_.lines.end() ? node_.line : found->second;
}

void YamlMapping::Invalid(std::string_view key, std::string message) {
  source_.Invalid(LineOf(key), FieldName(key), std::move(message));
}

void YamlMapping::Missing(std::string_view key) { missing_.emplace_back(key); }

std::string YamlMapping::KeyLike(const std::string& key) const {
  std::vector<std::string> candidates(known_.begin(), known_.end());
  // Behind whichever _ the part begins that the author chose: sql_bye_plan may mean sql_by_plan.
  for (const std::string& prefix : known_prefixes_) {
    for (size_t place = key.find('_'); place != std::string::npos;
         place = key.find('_', place + 1)) {
      if (place + 1 < key.size()) candidates.push_back(prefix + key.substr(place + 1));
    }
  }
  return status::ClosestMatch(key, candidates);
}

void YamlMapping::Finish() {
  for (const YamlNode& key : node_.keys) {
    if (key.kind == YamlNode::Kind::kScalar && !known_.contains(key.scalar)) ReportUnknown(key);
  }
  for (const std::string& key : missing_) {
    if (source_.faulty.contains(FieldName(key))) continue;
    Invalid(key, absl::StrCat(FieldName(key), " is required"));
  }
}

void YamlMapping::ReportUnknown(const YamlNode& key) {
  const std::string suggestion = KeyLike(key.scalar);
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

std::vector<const YamlNode*> TakeItems(YamlMapping& mapping, std::string_view key) {
  std::vector<const YamlNode*> items;
  const YamlNode* node = mapping.Take(key);
  if (node == nullptr) return items;
  if (node->kind != YamlNode::Kind::kSequence) {
    mapping.Invalid(key, absl::StrCat(mapping.FieldName(key), " must be a list"));
    return items;
  }
  if (node->items.size() > kMaxListItems) {
    mapping.Invalid(
        key, absl::StrCat(mapping.FieldName(key), " has more than ", kMaxListItems, " items"));
    return items;
  }
  for (size_t i = 0; i < node->items.size(); ++i) {
    mapping.source().lines[absl::StrCat(mapping.FieldName(key), "[", i, "]")] = node->items[i].line;
    items.push_back(&node->items[i]);
  }
  return items;
}

}  // namespace metricstore::registry
