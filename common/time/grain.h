// The size of a bucket, shared by definitions, calendars and results.
#pragma once

#include <optional>
#include <string_view>

namespace metricstore {

// Values equal those of the proto enum metricstore.registry.v1.Grain and those stored in the
// database.
enum class Grain { kHour = 1, kDay = 2, kWeek = 3, kMonth = 4, kQuarter = 5, kYear = 6 };

// "hour", "day", "week", "month", "quarter", "year".
std::string_view GrainName(Grain grain);
std::optional<Grain> ParseGrain(std::string_view name);

}  // namespace metricstore
