// The literals of metric('category/name', offset => '1 month').
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace metricstore::expression {

// Whether `text` is "category/name", both in the form that definitions have.
bool IsMetricId(std::string_view text);

inline constexpr int kMaxOffsetUnits = 10'000;

// "1 month", "7 days" for any spelling of it ("1 MONTHS"); nullopt for anything but a number, 1 to
// kMaxOffsetUnits, and a unit: hour, day, week, month, quarter, year.
std::optional<std::string> CanonicalOffset(std::string_view text);

}  // namespace metricstore::expression
