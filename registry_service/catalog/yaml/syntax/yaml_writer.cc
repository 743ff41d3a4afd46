#include "registry_service/catalog/yaml/syntax/yaml_writer.h"

#include <yaml-cpp/emittermanip.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace metricstore::registry {

void YamlWriter::BeginMapping() {
  emitter_ << YAML::Block << YAML::BeginMap;
  open_flow_.push_back(false);
}

void YamlWriter::BeginFlowMapping() {
  emitter_ << YAML::Flow << YAML::BeginMap;
  open_flow_.push_back(true);
  ++flow_depth_;
}

void YamlWriter::EndMapping() {
  emitter_ << YAML::EndMap;
  if (open_flow_.back()) --flow_depth_;
  open_flow_.pop_back();
}

void YamlWriter::BeginList() {
  emitter_ << YAML::Block << YAML::BeginSeq;
  open_flow_.push_back(false);
}

void YamlWriter::BeginFlowList() {
  emitter_ << YAML::Flow << YAML::BeginSeq;
  open_flow_.push_back(true);
  ++flow_depth_;
}

void YamlWriter::EndList() {
  emitter_ << YAML::EndSeq;
  if (open_flow_.back()) --flow_depth_;
  open_flow_.pop_back();
}

void YamlWriter::Key(std::string_view key) {
  emitter_ << YAML::Key << std::string(key) << YAML::Value;
}

void YamlWriter::Scalar(std::string_view text, const TextPlace& place) {
  switch (TextStyleOf(text, place)) {
    case TextStyle::kPlain:
      break;
    case TextStyle::kQuotedEscaped:
      emitter_ << YAML::EscapeNonAscii << YAML::DoubleQuoted;
      break;
    case TextStyle::kQuoted:
      emitter_ << YAML::DoubleQuoted;
      break;
    case TextStyle::kLiteral:
      emitter_ << YAML::Literal;
      break;
  }
  emitter_ << std::string(text);
}

void YamlWriter::Text(std::string_view key, std::string_view text) {
  if (text.empty()) return;
  Key(key);
  Scalar(text, {InFlow(), /*keeps_white_space=*/false, /*typed=*/false});
}

void YamlWriter::RawValue(std::string_view column, std::string_view text) {
  TextPlace place{InFlow(), /*keeps_white_space=*/true, /*typed=*/false};
  emitter_ << YAML::Key;
  Scalar(column, place);
  emitter_ << YAML::Value;
  place.typed = true;
  Scalar(text, place);
}

void YamlWriter::Quoted(std::string_view key, std::string_view text) {
  Key(key);
  emitter_ << YAML::DoubleQuoted << std::string(text);
}

void YamlWriter::Plain(std::string_view key, std::string_view value) {
  Key(key);
  emitter_ << std::string(value);
}

void YamlWriter::Null(std::string_view key) {
  Key(key);
  emitter_ << YAML::Null;
}

void YamlWriter::Number(std::string_view key, double value) {
  std::array<char, 32> text;
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value);
  Plain(key, std::string_view(text.data(), end.ptr - text.data()));
}

void YamlWriter::Texts(std::string_view key, const std::vector<std::string>& texts) {
  if (texts.empty()) return;
  Key(key);
  size_t bytes = 0;
  for (const std::string& text : texts) bytes += text.size() + 2;
  const bool several_lines = std::any_of(texts.begin(), texts.end(), [](const std::string& text) {
    return text.find('\n') != std::string::npos;
  });
  bytes > kMaxLineBytes || several_lines ? BeginList() : BeginFlowList();
  for (const std::string& text : texts)
    Scalar(text, {InFlow(), /*keeps_white_space=*/false, /*typed=*/false});
  EndList();
}

void YamlWriter::Lines(std::string_view key, const std::vector<std::vector<std::string>>& lines) {
  Key(key);
  BeginFlowList();
  for (const std::vector<std::string>& line : lines) {
    if (&line != &lines.front()) emitter_ << YAML::Newline;
    for (const std::string& word : line) emitter_ << word;
  }
  EndList();
}

std::string YamlWriter::Take() const { return std::string(emitter_.c_str()) + "\n"; }

}  // namespace metricstore::registry
