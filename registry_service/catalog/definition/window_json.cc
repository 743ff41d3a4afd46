#include "registry_service/catalog/definition/window_json.h"

#include <cstdint>
#include <nlohmann/json.hpp>

namespace metricstore::registry {

using calendar::Window;
using calendar::WindowKind;
using calendar::WindowReach;
using Json = nlohmann::ordered_json;

Json WindowToJson(const Window& window) {
  Json json = {{"kind", static_cast<int>(window.kind)}};
  if (!window.session.empty()) json["session"] = window.session;
  if (window.kind == WindowKind::kFirst || window.kind == WindowKind::kLast) {
    json["length_seconds"] = absl::ToInt64Seconds(window.length);
  }
  if (window.kind == WindowKind::kRange) {
    json["from_second"] = window.from_second;
    json["to_second"] = window.to_second;
  }
  if (window.reach == WindowReach::kRolling) {
    json["rolling"] = {{"count", window.count}, {"unit", static_cast<int>(window.unit)}};
  } else if (window.reach == WindowReach::kToDate) {
    json["to_date"] = static_cast<int>(window.period);
  } else if (window.reach == WindowReach::kPrevious) {
    json["previous"] = window.count;
  }
  return json;
}

Window WindowFrom(const Json& json) {
  Window window;
  window.kind = static_cast<WindowKind>(json.at("kind").get<int>());
  window.session = json.value("session", "");
  window.length = absl::Seconds(json.value("length_seconds", int64_t{0}));
  window.from_second = json.value("from_second", 0);
  window.to_second = json.value("to_second", 0);
  if (json.contains("rolling")) {
    window.reach = WindowReach::kRolling;
    window.count = json.at("rolling").at("count").get<int32_t>();
    window.unit = static_cast<calendar::RollingUnit>(json.at("rolling").at("unit").get<int>());
  } else if (json.contains("to_date")) {
    window.reach = WindowReach::kToDate;
    window.period = static_cast<Grain>(json.at("to_date").get<int>());
  } else if (json.contains("previous")) {
    window.reach = WindowReach::kPrevious;
    window.count = json.at("previous").get<int32_t>();
  }
  return window;
}

}  // namespace metricstore::registry
