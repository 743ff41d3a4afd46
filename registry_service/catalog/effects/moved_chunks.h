// The chunks of a series whose points come to start at other instants. Pure functions.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/calendar/calendar.h"
#include "common/time/grain.h"
#include "common/time/iso8601.h"

namespace metricstore::registry {

// Dates that all come to start later by so much, or earlier.
struct DateShift {
  TimeRange starts;  // where the dates start before, half-open
  absl::Duration by;
  friend bool operator==(const DateShift&, const DateShift&) = default;
};

// The shifts of `dates` in order; none if they all start where they did. Dates of which nothing is
// left, because the clock skips them, are left out.
std::vector<DateShift> ShiftsOf(const calendar::Calendar& before, const calendar::Calendar& after,
                                DateRange dates);

// A row of metric_chunk: columns of equal length.
struct StoredChunk {
  std::vector<int64_t> bucket_starts;  // microseconds since the epoch, strictly increasing
  std::vector<double> values;
  std::vector<int16_t> statuses;     // empty: all are 0
  std::vector<std::string> texts;    // empty: none has one
  std::optional<int64_t> watermark;  // of the snapshot that it was made of
};
using StoredChunks = std::map<absl::CivilDay, StoredChunk>;  // by first day

// The chunks of one series of grain day or coarser after all shifts. Points in no shift go; of
// points that come to start out of order, which no release stores, the later stay. A chunk is as
// new as the newest that its points come from.
StoredChunks MovedChunks(Grain grain, const StoredChunks& stored,
                         const std::vector<DateShift>& shifts);

}  // namespace metricstore::registry
