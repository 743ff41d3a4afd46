// Windows of metrics to their messages.
#pragma once

#include "common/calendar/window.h"
#include "metricstore/registry/v1/metric.pb.h"

namespace metricstore::registry::messages {

void ToProto(const calendar::Window& window, v1::Window* proto);

}  // namespace metricstore::registry::messages
