// Calendars as YAML definitions.
#pragma once

#include "common/calendar/calendar.h"
#include "registry_service/catalog/yaml/syntax/yaml_mapping.h"

namespace metricstore::registry {

// Reads `kind: calendar`. Faults go to the mapping's source; what has one is left at its default.
calendar::CalendarSpec ReadCalendar(YamlMapping& mapping);

}  // namespace metricstore::registry
