// Days of the week and rules for dates in YAML definitions of calendars.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/time/civil_time.h"
#include "common/calendar/date_rule.h"
#include "registry_service/catalog/yaml/syntax/yaml_mapping.h"

namespace metricstore::registry {

// The day that one of WeekdayNames names.
absl::Weekday WeekdayNamed(const std::string& name);
// The days of a list, from Monday on, each once: their order in the file means nothing.
std::vector<absl::Weekday> ReadWeekdays(YamlMapping& mapping, std::string_view key);

// Reads the required key `on` of the mapping. Faults go to its source.
calendar::DateRule ReadDateRule(YamlMapping& parent);

}  // namespace metricstore::registry
