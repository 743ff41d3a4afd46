#include "tests/conformance/catalog/script.h"

#include <fstream>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace metricstore::registry {
namespace {

absl::StatusOr<std::vector<std::string>> ReadLines(const std::string& path) {
  std::ifstream file(path);
  if (!file) return absl::NotFoundError(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

// Splits at spaces; "several words" in double quotes are one.
std::vector<std::string> Words(const std::string& text) {
  std::vector<std::string> words;
  std::string word;
  bool quoted = false, open = false;
  for (const char c : text) {
    if (c == '"') {
      quoted = !quoted;
      open = true;
    } else if (c == ' ' && !quoted) {
      if (open) words.push_back(std::exchange(word, ""));
      open = false;
    } else {
      word += c;
      open = true;
    }
  }
  if (open) words.push_back(word);
  return words;
}

// What stands behind "|" or ">", or nothing.
const std::string* Behind(const std::string& line, char mark, std::string& rest) {
  if (line.empty() || line[0] != mark) return nullptr;
  rest = line.substr(line.size() > 1 && line[1] == ' ' ? 2 : 1);
  return &rest;
}

bool IsRemark(const std::string& line) { return line.empty() || line[0] == '#'; }

}  // namespace

absl::StatusOr<std::vector<Script>> ReadScripts(const std::string& path) {
  const auto lines = ReadLines(path);
  if (!lines.ok()) return lines.status();
  std::vector<Script> scripts;
  for (size_t i = 0; i < lines->size(); ++i) {
    const std::string& line = (*lines)[i];
    const int number = static_cast<int>(i) + 1;
    std::string rest;
    if (IsRemark(line)) continue;
    if (absl::StartsWith(line, "case ")) {
      scripts.push_back({number, line.substr(5), {}});
      continue;
    }
    Step* step =
        scripts.empty() || scripts.back().steps.empty() ? nullptr : &scripts.back().steps.back();
    if (step != nullptr && Behind(line, '|', rest) != nullptr) {
      step->content.push_back(rest);
      step->expected_at = number;
    } else if (step != nullptr && Behind(line, '>', rest) != nullptr) {
      step->expected.push_back(rest);
    } else if (scripts.empty() || line[0] == '|' || line[0] == '>') {
      return absl::InvalidArgumentError(absl::StrCat(path, ":", number, ": no step to belong to"));
    } else {
      std::vector<std::string> words = Words(line);
      Step next{.line = number, .command = words[0], .words = {}, .content = {}, .expected = {}};
      next.words.assign(words.begin() + 1, words.end());
      next.expected_at = number;
      scripts.back().steps.push_back(std::move(next));
    }
  }
  return scripts;
}

absl::Status RewriteExpectations(const std::string& path,
                                 const std::vector<std::vector<std::string>>& said) {
  const auto scripts = ReadScripts(path);
  if (!scripts.ok()) return scripts.status();
  const auto lines = ReadLines(path);
  if (!lines.ok()) return lines.status();
  std::vector<std::vector<std::string>> after(lines->size() + 1);
  size_t next = 0;
  for (const Script& script : *scripts) {
    for (const Step& step : script.steps) {
      after[static_cast<size_t>(step.expected_at)] = said.at(next++);
    }
  }
  std::ofstream file(path);
  for (size_t i = 0; i < lines->size(); ++i) {
    const std::string& line = (*lines)[i];
    if (!absl::StartsWith(line, ">")) file << line << "\n";
    for (const std::string& text : after[i + 1])
      file << (text.empty() ? ">" : "> ") << text << "\n";
  }
  return absl::OkStatus();
}

}  // namespace metricstore::registry
