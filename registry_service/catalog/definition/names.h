// The forms that names of definitions have.
#pragma once

#include <cstddef>
#include <string_view>

namespace metricstore::registry {

// Every name has at most as many.
inline constexpr size_t kMaxNameBytes = 63;

// [a-z0-9][a-z0-9_]{0,62}
bool IsMetricName(std::string_view name);
// [a-z][a-z0-9_]{0,62}; columns have this form too.
bool IsCategoryName(std::string_view name);
// [A-Za-z0-9][A-Za-z0-9_.-]{0,62}
bool IsCalendarName(std::string_view name);

}  // namespace metricstore::registry
