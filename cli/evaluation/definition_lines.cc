#include "cli/evaluation/definition_lines.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "cli/output/concat.h"

namespace metricstore::cli {
namespace {

constexpr std::string_view kBlanks = " \t\r";

// A line with something on it.
struct YamlLine {
  int number = 0;
  bool is_item = false;      // "- " stands in front
  size_t begin = 0;          // of the first character that is no blank
  size_t column = 0;         // of the first behind "- "
  std::string_view content;  // from there
  std::string_view key;      // "" if there is none
  std::string_view value;
};

std::string_view Trimmed(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
  return text.substr(0, text.find_last_not_of(kBlanks) + 1);
}

void SplitKey(YamlLine* line) {
  const std::string_view content = line->content;
  const size_t end = content.find_first_not_of("abcdefghijklmnopqrstuvwxyz_0123456789");
  if (end == 0 || end == std::string_view::npos || content[end] != ':') return;
  if (end + 1 < content.size() && content[end + 1] != ' ') return;
  line->key = content.substr(0, end);
  line->value = Trimmed(content.substr(end + 1));
}

std::optional<YamlLine> ReadLine(std::string_view text, int number) {
  const size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos || text[begin] == '#') return std::nullopt;
  YamlLine line{.number = number, .begin = begin, .column = begin};
  line.is_item = text.substr(begin).starts_with("- ");
  if (line.is_item) {
    line.column = text.find_first_not_of(kBlanks, begin + 1);
    if (line.column == std::string_view::npos) return std::nullopt;
  }
  line.content = Trimmed(text.substr(line.column));
  SplitKey(&line);
  return line;
}

std::vector<YamlLine> ReadLines(std::string_view text) {
  std::vector<YamlLine> lines;
  int number = 0;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    if (const auto line = ReadLine(text.substr(at, end - at), ++number)) lines.push_back(*line);
    at = end + 1;
  }
  return lines;
}

// The text of a value, without quotes and what follows it.
std::string_view TextOf(std::string_view value, std::string_view ends) {
  if (value.starts_with('"') || value.starts_with('\'')) {
    return value.substr(1, value.find(value.front(), 1) - 1);
  }
  return Trimmed(value.substr(0, value.find_first_of(ends)));
}

bool IsOneLine(const YamlLine& line) {
  return line.content.starts_with('{') && line.content.ends_with('}');
}

// "name: x", or "{category: a, name: x}" in one line.
bool GivesName(const YamlLine& line, std::string_view name) {
  constexpr std::string_view kName = "name:";
  if (line.key == "name") return TextOf(line.value, "#") == name;
  if (!IsOneLine(line)) return false;
  for (size_t at = line.content.find(kName); at != std::string_view::npos;
       at = line.content.find(kName, at + 1)) {
    const std::string_view before = Trimmed(line.content.substr(0, at));
    const std::string_view value = Trimmed(line.content.substr(at + kName.size()));
    const bool is_key = before.ends_with('{') || before.ends_with(',');
    if (is_key && TextOf(value, ",}") == name) return true;
  }
  return false;
}

// The line of the outermost definition with the name; the end if several are as far out. Deeper
// ones are of tests and columns.
std::vector<YamlLine>::const_iterator FindName(const std::vector<YamlLine>& lines,
                                               std::string_view name) {
  auto found = lines.end();
  bool is_only = true;
  for (auto line = lines.begin(); line != lines.end(); ++line) {
    if (!GivesName(*line, name)) continue;
    if (found != lines.end() && line->column > found->column) continue;
    is_only = found == lines.end() || line->column < found->column;
    found = line;
  }
  return is_only ? found : lines.end();
}

// The first line of the mapping that has this one.
std::vector<YamlLine>::const_iterator FirstOfMapping(
    std::vector<YamlLine>::const_iterator line,
    std::vector<YamlLine>::const_iterator first_of_file) {
  const size_t column = line->column;
  const auto starts = [column](const YamlLine& one) { return one.is_item && one.column == column; };
  while (!starts(*line) && line != first_of_file) {
    const auto before = line - 1;
    if (before->begin < column && !starts(*before)) break;
    line = before;
  }
  return line;
}

}  // namespace

MetricLines MetricLines::Find(std::string_view text, std::string_view name) {
  MetricLines found;
  const std::vector<YamlLine> lines = ReadLines(text);
  const auto named = FindName(lines, name);
  if (named == lines.end()) return found;
  found.line_ = named->number;
  found.is_one_line_ = IsOneLine(*named);
  if (found.is_one_line_) return found;
  const auto first = FirstOfMapping(named, lines.begin());
  std::string_view key;
  size_t items_begin = 0;
  int items = 0;
  for (auto line = first; line != lines.end(); ++line) {
    if (line != first && line->begin < named->column) break;
    if (line->column == named->column && !line->key.empty()) {
      key = line->key;
      items = 0;
      found.fields_.try_emplace(std::string(key), line->number);
    } else if (line->is_item && (items == 0 || line->begin == items_begin)) {
      items_begin = line->begin;
      found.fields_.try_emplace(Concat(key, "[", items++, "]"), line->number);
    }
  }
  return found;
}

int MetricLines::LineOf(std::string_view field) const {
  if (is_one_line_) return line_;
  const auto exact = fields_.find(field);
  if (exact != fields_.end()) return exact->second;
  std::string_view key = field.substr(0, field.find_first_of(".["));
  // Files may call it by either name.
  if (key == "dataset" && !fields_.contains(key)) key = "table";
  const auto found = fields_.find(key);
  return found == fields_.end() ? 0 : found->second;
}

}  // namespace metricstore::cli
