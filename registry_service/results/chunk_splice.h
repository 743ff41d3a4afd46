// Which chunks of a series change when the points of some dates are replaced. Pure functions.
#pragma once

#include <map>
#include <vector>

#include "absl/time/civil_time.h"
#include "common/time/grain.h"
#include "common/time/iso8601.h"
#include "registry_service/results/series_points.h"

namespace metricstore::registry {

// First day of the chunk that a bucket lies in: the UTC month for hour and day, the UTC decade for
// coarser grains.
absl::CivilDay ChunkStartOf(Grain grain, int64_t bucket_start_micros);

// The chunks of one series by first day.
using Chunks = std::map<absl::CivilDay, Points>;

struct ChunkChanges {
  std::vector<absl::CivilDay> removed;  // stored chunks that are now empty or another
  Chunks written;                       // new chunks, and the others' new contents
};

// Replaces the stored points inside `extent` by `points`, which all lie in it. `stored` holds at
// least every chunk that has points there.
ChunkChanges Splice(Grain grain, const Chunks& stored, const TimeRange& extent,
                    const Points& points);

}  // namespace metricstore::registry
