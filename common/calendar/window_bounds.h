// What a window's numbers may be, as errors say it.
#pragma once

#include <string>

#include "absl/strings/str_cat.h"
#include "common/calendar/window.h"

namespace metricstore::calendar {

inline constexpr char kEdgeBounds[] = "the length of a first or last window is 1s to 24h";

inline std::string RollingBounds(RollingUnit unit) {
  const bool sessions = unit == RollingUnit::kSessions;
  if (unit == RollingUnit::kHours) {
    return absl::StrCat("a rolling window is 1 to ", kMaxRollingHours, " hours");
  }
  return absl::StrCat("a rolling window is 1 to ", sessions ? kMaxRollingSessions : kMaxRollingDays,
                      sessions ? " sessions" : " days");
}

inline std::string PreviousBounds() {
  return absl::StrCat("a previous window counts 1 to ", kMaxPrevious, " buckets");
}

}  // namespace metricstore::calendar
