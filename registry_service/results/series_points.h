// Points of series as compute sends them, and the check that they are what a shard is for.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "absl/status/status.h"
#include "common/time/grain.h"
#include "registry_service/backfills/shard_spec.h"

namespace metricstore::registry {

// Values equal those of the proto enum metricstore.registry.v1.PointStatus and those stored in
// metric_chunk.statuses.
enum class PointStatus : int16_t { kOk = 0, kNull = 1, kNotFinite = 2, kTooLarge = 3 };

// Bytes of a point's text at most.
inline constexpr size_t kMaxTextBytes = 64 << 10;

// Points in time order, in columns of equal length.
struct Points {
  std::vector<int64_t> bucket_starts;  // microseconds since the epoch, strictly increasing
  std::vector<double> values;          // 0 where the status is not kOk, and beside texts
  std::vector<int16_t> statuses;       // empty: all are kOk
  // Texts, vectors as JSON arrays, and beside their number the digits of integers that a double
  // does not hold; "" elsewhere. Empty: no point has one.
  std::vector<std::string> texts = {};

  size_t size() const { return bucket_starts.size(); }
  bool empty() const { return bucket_starts.empty(); }
  int16_t status(size_t point) const { return statuses.empty() ? int16_t{0} : statuses[point]; }
  // Appends points [first, last) of `other`.
  void Append(const Points& other, size_t first, size_t last);
  // Equal bit by bit.
  bool SameAs(const Points& other) const;
};

// Names a series; this release computes none with dimensions.
struct SeriesKey {
  MetricAtGrain metric;
  std::string entity;
  friend auto operator<=>(const SeriesKey&, const SeriesKey&) = default;
};

// All results of a shard: what its series hold in the shard's dates. A series without points is one
// whose stored points there are to go.
using ShardResults = std::map<SeriesKey, Points>;

// Adds the points, or continues the series if it is there. INVALID_ARGUMENT (FIELD_INVALID) if
// lengths differ.
absl::Status AddSeries(SeriesKey key, const Points& points, ShardResults& results);

// INVALID_ARGUMENT (FIELD_INVALID) for a metric, grain or entity that is not the shard's, a bucket
// outside its dates or out of order, a value that is not finite or stands where there is none, a
// text that cannot be stored.
absl::Status CheckResults(const ShardResults& results, const ShardSpec& shard);

}  // namespace metricstore::registry
