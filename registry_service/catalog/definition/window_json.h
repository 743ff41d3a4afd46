// Windows as part of a metric's canonical JSON.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "common/calendar/window.h"

namespace metricstore::registry {

// Only what kind and reach read, so that leftovers make no difference.
nlohmann::ordered_json WindowToJson(const calendar::Window& window);
// Throws nlohmann::json::exception for what no release wrote.
calendar::Window WindowFrom(const nlohmann::ordered_json& json);

}  // namespace metricstore::registry
