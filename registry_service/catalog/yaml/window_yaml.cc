#include "registry_service/catalog/yaml/window_yaml.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/time/grain.h"
#include "registry_service/catalog/definition/excerpt.h"
#include "registry_service/catalog/yaml/clock_text.h"

namespace metricstore::registry {
namespace {

using calendar::RollingUnit;
using calendar::Window;
using calendar::WindowKind;
using calendar::WindowReach;

// No window that makes sense has a longer text.
constexpr size_t kMaxWindowBytes = 200;

int32_t ReadSecondOfDay(YamlMapping& mapping, std::string_view key) {
  const std::string text = mapping.RequiredText(key);
  if (text.empty()) return 0;
  const auto time = ParseLocalTime(text);
  if (time.has_value() && time->day_offset == 0) return time->second_of_day;
  mapping.Invalid(key, absl::StrCat(mapping.FieldName(key),
                                    " must be a time like \"09:30\", not \"", Excerpt(text), "\""));
  return 0;
}

// What a rolling window counts, in all spellings.
struct UnitName {
  std::string_view name;
  RollingUnit unit;
};
constexpr UnitName kUnits[] = {{"sessions", RollingUnit::kSessions},
                               {"session", RollingUnit::kSessions},
                               {"days", RollingUnit::kDays},
                               {"day", RollingUnit::kDays},
                               {"d", RollingUnit::kDays},
                               {"hours", RollingUnit::kHours},
                               {"hour", RollingUnit::kHours},
                               {"h", RollingUnit::kHours}};

// "20 sessions", "30 days", "24 hours", "30d", "24h". Whether they are too many is for CheckWindow.
bool ParseRolling(std::string_view text, Window& window) {
  const size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  const std::string_view count = text.substr(0, digits);
  const std::string_view unit =
      text.substr(std::min(text.find_first_not_of(' ', digits), text.size()));
  const auto* const found = std::find_if(std::begin(kUnits), std::end(kUnits),
                                         [&](const UnitName& known) { return known.name == unit; });
  if (found == std::end(kUnits) || !absl::SimpleAtoi(std::string(count), &window.count)) {
    return false;
  }
  window.reach = WindowReach::kRolling;
  window.unit = found->unit;
  return window.count >= 1;
}

void ReadRolling(YamlMapping& mapping, Window& window) {
  const std::string text = mapping.RequiredText("rolling");
  if (text.empty() || ParseRolling(text, window)) return;
  mapping.Invalid("rolling",
                  absl::StrCat(mapping.FieldName("rolling"),
                               " must be like \"20 sessions\", \"30 days\" or \"24 hours\", not \"",
                               Excerpt(text), "\""));
}

void ReadToDate(YamlMapping& mapping, Window& window) {
  const auto period = mapping.Choice("to_date", {"day", "week", "month", "quarter", "year"});
  if (!period.has_value()) return;
  window.reach = WindowReach::kToDate;
  window.period = *ParseGrain(*period);
}

void ReadPrevious(YamlMapping& mapping, Window& window) {
  const auto count = mapping.Int("previous", 1, calendar::kMaxPrevious);
  if (!count.has_value()) return;
  window.reach = WindowReach::kPrevious;
  window.count = *count;
}

// Of which dates the base is shown; false if nothing says so.
bool ReadReach(YamlMapping& mapping, Window& window) {
  const bool rolling = mapping.Take("rolling") != nullptr;
  const bool to_date = mapping.Take("to_date") != nullptr;
  const bool previous = mapping.Take("previous") != nullptr;
  if (rolling + to_date + previous > 1) {
    mapping.source().Invalid(mapping.line(), "window",
                             "a window has at most one of rolling, to_date and previous");
    return true;
  }
  if (rolling) ReadRolling(mapping, window);
  if (to_date) ReadToDate(mapping, window);
  if (previous) ReadPrevious(mapping, window);
  return rolling || to_date || previous;
}

Window ReadWindowMapping(YamlMapping& mapping) {
  Window window;
  const bool reaches = ReadReach(mapping, window);
  const auto first = mapping.Span("first");
  const auto last = mapping.Span("last");
  const bool has_first = mapping.Take("first") != nullptr;
  const bool has_last = mapping.Take("last") != nullptr;
  const bool has_range = mapping.Take("from") != nullptr || mapping.Take("to") != nullptr;
  window.session = mapping.Text("session");
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
  } else if (!reaches) {
    mapping.source().Invalid(
        mapping.line(), "window",
        "a window needs first, last, from and to, session, rolling, to_date or previous");
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
  auto window = calendar::ParseWindow(name);
  if (window.ok()) return *std::move(window);
  const auto details = status::DetailsOf(window.status());
  const std::string why =
      name.size() > kMaxWindowBytes ? "is too long" : details->violations.front().description;
  parent.Invalid("window", absl::StrCat("window \"", Excerpt(name), "\": ", why));
  return Window();
}

}  // namespace metricstore::registry
