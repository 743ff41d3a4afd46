#include "registry_service/catalog/diff/field_values.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "registry_service/catalog/definition/excerpt.h"
#include "registry_service/catalog/yaml/syntax/text_style.h"

namespace metricstore::registry {
namespace {

// Shown before the first difference of two long values.
constexpr size_t kContextBytes = 60;
constexpr std::string_view kCutMark = "...";

std::string Quoted(std::string_view text) {
  return absl::StrCat(
      "\"",
      absl::StrReplaceAll(std::string(text),
                          {{"\\", "\\\\"}, {"\"", "\\\""}, {"\n", "\\n"}, {"\t", "\\t"}}),
      "\"");
}

// `text` from a bit before byte `difference` on.
std::string FromDifference(const std::string& text, size_t difference) {
  size_t start =
      std::min(difference, text.size()) - std::min({difference, text.size(), kContextBytes});
  while (start > 0 && start < text.size() &&
         (static_cast<unsigned char>(text[start]) & 0xC0) == 0x80) {
    --start;
  }
  return absl::StrCat(std::string(kCutMark), Excerpt(std::string_view(text).substr(start),
                                                     kMaxShownBytes - kCutMark.size()));
}

// The first of the elements that only `own` has, a line each. Both are sorted.
std::string OnlyIn(const std::vector<std::string>& own, const std::vector<std::string>& other) {
  constexpr size_t kMostLines = 20;
  std::vector<std::string> only;
  std::set_difference(own.begin(), own.end(), other.begin(), other.end(), std::back_inserter(only));
  std::string lines;
  for (size_t i = 0; i < std::min(only.size(), kMostLines); ++i) {
    absl::StrAppend(&lines, i == 0 ? "" : "\n", Excerpt(only[i], kMaxShownBytes));
  }
  if (only.size() > kMostLines) absl::StrAppend(&lines, "\n", only.size() - kMostLines, " more");
  return lines;
}

}  // namespace

std::string FlowText(std::string_view text) {
  const TextStyle style = TextStyleOf(text, {.in_flow = true});
  return style == TextStyle::kPlain ? std::string(text) : Quoted(text);
}

std::string FlowList(const std::vector<std::string>& texts) {
  if (texts.empty()) return "";
  std::string list = "[";
  for (const std::string& text : texts) {
    if (list.size() > 1) list += ", ";
    list += FlowText(text);
  }
  return list + "]";
}

std::string WindowValue(const calendar::Window& window) {
  return window == calendar::Window() ? "" : calendar::WindowText(window);
}

std::string NumberValue(double value) {
  char buffer[32];
  return std::string(buffer, std::to_chars(buffer, buffer + sizeof(buffer), value).ptr);
}

void ChangeList::Add(std::string field, const std::string& before, const std::string& after,
                     const Effect& effect) {
  if (before == after) return;
  FieldChange change{std::move(field),       before,          after,
                     effect.changes_meaning, effect.breaking, effect.reason};
  const auto [left, right] =
      std::mismatch(before.begin(), before.end(), after.begin(), after.end());
  const auto difference = static_cast<size_t>(left - before.begin());
  const bool is_long = before.size() > kMaxShownBytes || after.size() > kMaxShownBytes;
  if (is_long && difference + kContextBytes > kMaxShownBytes) {
    change.before = FromDifference(before, difference);
    change.after = FromDifference(after, difference);
  } else {
    change.before = Excerpt(before, kMaxShownBytes);
    change.after = Excerpt(after, kMaxShownBytes);
  }
  changes_.push_back(std::move(change));
}

void ChangeList::AddList(std::string field, const std::vector<std::string>& before,
                         const std::vector<std::string>& after, const Effect& effect) {
  const std::string whole_before = FlowList(before);
  const std::string whole_after = FlowList(after);
  const bool is_long = std::max(whole_before.size(), whole_after.size()) > kMaxShownBytes;
  const size_t told = changes_.size();
  if (is_long) AddElements(field, before, after, effect);
  if (changes_.size() == told) Add(std::move(field), whole_before, whole_after, effect);
}

void ChangeList::AddElements(std::string field, std::vector<std::string> before,
                             std::vector<std::string> after, const Effect& effect) {
  std::sort(before.begin(), before.end());
  std::sort(after.begin(), after.end());
  if (before == after) return;
  changes_.push_back({std::move(field), OnlyIn(before, after), OnlyIn(after, before),
                      effect.changes_meaning, effect.breaking, effect.reason});
}

}  // namespace metricstore::registry
