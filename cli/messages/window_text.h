// Windows of metrics as the texts that people type, and back.
#pragma once

#include <string>

#include "common/calendar/window.h"
#include "metricstore/registry/v1/metric.pb.h"

namespace metricstore::cli {

void ToProto(const calendar::Window& window, registry::v1::Window* proto);

// "full_day", "first_30m", "rolling_20_sessions of rth": the shortest text that --window takes.
std::string WindowText(const registry::v1::Window& window);

}  // namespace metricstore::cli
