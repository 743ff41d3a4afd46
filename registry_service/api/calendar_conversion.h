// Calendars to their messages.
#pragma once

#include "metricstore/registry/v1/calendar.pb.h"
#include "registry_service/calendars/calendar_store.h"

namespace metricstore::registry::api {

// Sets everything but create_time.
void ToProto(const calendar::Calendar& calendar, v1::Calendar* proto);
void ToProto(const StoredCalendar& calendar, v1::Calendar* proto);

}  // namespace metricstore::registry::api
