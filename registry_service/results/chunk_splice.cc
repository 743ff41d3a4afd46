#include "registry_service/results/chunk_splice.h"

#include <algorithm>
#include <set>
#include <utility>

namespace metricstore::registry {
namespace {

size_t LowerBound(const Points& points, int64_t micros) {
  return static_cast<size_t>(
      std::lower_bound(points.bucket_starts.begin(), points.bucket_starts.end(), micros) -
      points.bucket_starts.begin());
}

// The new points by chunk.
Chunks CutIntoChunks(Grain grain, const Points& points) {
  Chunks chunks;
  for (size_t first = 0; first < points.size();) {
    const absl::CivilDay start = ChunkStartOf(grain, points.bucket_starts[first]);
    size_t last = first + 1;
    while (last < points.size() && ChunkStartOf(grain, points.bucket_starts[last]) == start) {
      ++last;
    }
    chunks[start].Append(points, first, last);
    first = last;
  }
  return chunks;
}

Points Merge(const Points& stored, const Points& fresh, const TimeRange& extent) {
  Points merged;
  merged.Append(stored, 0, LowerBound(stored, ToMicros(extent.start)));
  merged.Append(fresh, 0, fresh.size());
  merged.Append(stored, LowerBound(stored, ToMicros(extent.end)), stored.size());
  return merged;
}

}  // namespace

absl::CivilDay ChunkStartOf(Grain grain, int64_t bucket_start_micros) {
  const absl::CivilDay day = absl::ToCivilDay(FromMicros(bucket_start_micros), absl::UTCTimeZone());
  if (grain == Grain::kHour || grain == Grain::kDay) {
    return absl::CivilDay(day.year(), day.month(), 1);
  }
  return absl::CivilDay(day.year() - day.year() % 10, 1, 1);
}

ChunkChanges Splice(Grain grain, const Chunks& stored, const TimeRange& extent,
                    const Points& points) {
  Chunks fresh = CutIntoChunks(grain, points);
  for (const auto& [start, chunk] : stored) fresh[start];  // may have to lose points
  ChunkChanges changes;
  for (const auto& [start, chunk] : fresh) {
    const auto old = stored.find(start);
    Points merged = Merge(old == stored.end() ? Points{} : old->second, chunk, extent);
    if (old != stored.end()) {
      if (merged.SameAs(old->second)) continue;
      changes.removed.push_back(start);
    }
    if (!merged.empty()) changes.written.emplace(start, std::move(merged));
  }
  return changes;
}

}  // namespace metricstore::registry
