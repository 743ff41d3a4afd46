// The dates that given rows belong to.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/calendar/calendar.h"
#include "common/time/grain.h"
#include "common/time/iso8601.h"

namespace metricstore::compute {

// The whole buckets of `grain` around instants (microseconds since the epoch, in any order), by
// trade date: ranges in order, disjoint. INVALID_ARGUMENT (BATCH_INVALID, metadata column) for an
// instant whose bucket the calendar does not know whole.
absl::StatusOr<std::vector<DateRange>> DatesOfRows(std::span<const int64_t> instants,
                                                   const std::string& time_column,
                                                   const calendar::Calendar& calendar, Grain grain);

}  // namespace metricstore::compute
