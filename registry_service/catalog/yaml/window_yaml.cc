#include "registry_service/catalog/yaml/window_yaml.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "registry_service/catalog/definition/excerpt.h"
#include "registry_service/catalog/definition/names.h"
#include "registry_service/catalog/yaml/clock_text.h"

namespace metricstore::registry {
namespace {

using calendar::Window;
using calendar::WindowKind;

int32_t ReadSecondOfDay(YamlMapping& mapping, std::string_view key) {
  const std::string text = mapping.RequiredText(key);
  if (text.empty()) return 0;
  const auto time = ParseLocalTime(text);
  if (time.has_value() && time->day_offset == 0) return time->second_of_day;
  mapping.Invalid(key, absl::StrCat(mapping.FieldName(key),
                                    " must be a time like \"09:30\", not \"", Excerpt(text), "\""));
  return 0;
}

Window ReadWindowMapping(YamlMapping& mapping) {
  Window window;
  const auto first = mapping.Span("first");
  const auto last = mapping.Span("last");
  const bool has_first = mapping.Take("first") != nullptr;
  const bool has_last = mapping.Take("last") != nullptr;
  const bool has_range = mapping.Take("from") != nullptr || mapping.Take("to") != nullptr;
  window.session = mapping.Text("session");
  for (const std::string_view form : {"rolling", "to_date"}) {
    if (mapping.Take(form) == nullptr) continue;
    mapping.source().Fault(
        mapping.line(), "NOT_SUPPORTED", mapping.FieldName(form),
        absl::StrCat(mapping.FieldName(form), " windows are not computed by this release"));
    return window;
  }
  if (has_first + has_last + has_range > 1) {
    mapping.source().Invalid(mapping.line(), "window",
                             "a window has one of first, last, or from and to");
  } else if (has_range) {
    window.kind = WindowKind::kRange;
    window.from_second = ReadSecondOfDay(mapping, "from");
    window.to_second = ReadSecondOfDay(mapping, "to");
  } else if (has_first || has_last) {
    window.kind = has_first ? WindowKind::kFirst : WindowKind::kLast;
    window.length = (has_first ? first : last).value_or(absl::ZeroDuration());
    // As in the names first_30m and last_1h.
    if (window.session.empty()) window.session = "rth";
  } else if (!window.session.empty()) {
    window.kind = WindowKind::kSession;
  } else {
    mapping.source().Invalid(mapping.line(), "window",
                             "a window needs first, last, from and to, or session");
  }
  return window;
}

}  // namespace

Window ReadWindow(YamlMapping& parent) {
  const YamlNode* node = parent.Take("window");
  if (node == nullptr) return Window();
  if (node->kind == YamlNode::Kind::kMapping) {
    YamlMapping mapping(*node, parent.source(), "window.");
    Window window = ReadWindowMapping(mapping);
    mapping.Finish();
    return window;
  }
  const std::string name = parent.Text("window");
  if (name.empty()) return Window();
  auto window = calendar::ParseWindowName(name);
  if (window.ok()) return *std::move(window);
  // Which quotes the name once more.
  const std::string why(name.size() > kMaxNameBytes ? "is too long" : window.status().message());
  parent.Invalid("window", absl::StrCat("window \"", Excerpt(name), "\": ", why));
  return Window();
}

}  // namespace metricstore::registry
