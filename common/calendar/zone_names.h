// The time zones that this machine has, for "did you mean".
#pragma once

#include <string>
#include <string_view>

namespace metricstore::calendar {

// The name of a zone of the machine's tzdata that is near `name`, or "" if there is none or if the
// machine has no list of its zones.
std::string NearestZone(std::string_view name);

}  // namespace metricstore::calendar
