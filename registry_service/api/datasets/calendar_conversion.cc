#include "registry_service/api/datasets/calendar_conversion.h"

#include "registry_service/api/request/time_converter.h"

namespace metricstore::registry::api {

void ToProto(const StoredCalendar& calendar, v1::Calendar* proto) {
  ToProto(*calendar.calendar, proto);
  ToProto(calendar.create_time, proto->mutable_create_time());
}

}  // namespace metricstore::registry::api
