// Calendars to their messages.
#pragma once

#include "common/calendar/calendar.h"
#include "metricstore/registry/v1/calendar.pb.h"

namespace metricstore::registry::messages {

// Sets everything but create_time.
void ToProto(const calendar::Calendar& calendar, v1::Calendar* proto);

}  // namespace metricstore::registry::messages
