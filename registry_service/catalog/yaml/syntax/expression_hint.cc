#include "registry_service/catalog/yaml/syntax/expression_hint.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"

namespace metricstore::registry {
namespace {

std::vector<std::string_view> LinesOf(std::string_view file) {
  std::vector<std::string_view> lines;
  for (size_t start = 0; start < file.size();) {
    const size_t end = std::min(file.find('\n', start), file.size());
    lines.push_back(file.substr(start, end - start));
    start = end + 1;
  }
  return lines;
}

// "filters" of "  - filters: [a]"; "" where no key stands first.
std::string_view KeyOf(std::string_view line) {
  line.remove_prefix(std::min(line.find_first_not_of(" -"), line.size()));
  const size_t end = line.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_");
  return end != std::string_view::npos && line[end] == ':' ? line.substr(0, end) : "";
}

// The last line of a key among the first `end` ones, counted from 1; 0 if there is none.
size_t LastKey(const std::vector<std::string_view>& lines, size_t end) {
  while (end > 0 && KeyOf(lines[end - 1]).empty()) --end;
  return end;
}

bool HasOpenBracket(std::string_view line) {
  return std::count(line.begin(), line.end(), '[') > std::count(line.begin(), line.end(), ']');
}

}  // namespace

std::string ExpressionHint(std::string_view file, int line) {
  const std::vector<std::string_view> lines = LinesOf(file);
  size_t at = LastKey(lines, std::min(static_cast<size_t>(std::max(line, 0)), lines.size()));
  // A bracket that is not closed is told at the next key.
  const size_t before = at == 0 ? 0 : LastKey(lines, at - 1);
  if (before > 0 && HasOpenBracket(lines[before - 1])) at = before;
  if (at == 0) return "";
  const std::string_view text = lines[at - 1];
  const std::string_view key = KeyOf(text);
  if (key == "filters" && text.find('[') != std::string_view::npos) {
    return absl::StrCat(": ", std::string(kFlowFilters));
  }
  const bool is_expression =
      key == "expression" || key == "filters" || key == "sql" || key.starts_with("sql_by_");
  return is_expression ? ": put the whole expression in quotes, or write it after |" : "";
}

}  // namespace metricstore::registry
