// Calendars to their messages.
#pragma once

#include "metricstore/registry/v1/calendar.pb.h"
#include "registry_service/calendars/calendar_store.h"
#include "registry_service/proto_conversion/calendar_conversion.h"

namespace metricstore::registry::api {

using messages::ToProto;
void ToProto(const StoredCalendar& calendar, v1::Calendar* proto);

}  // namespace metricstore::registry::api
