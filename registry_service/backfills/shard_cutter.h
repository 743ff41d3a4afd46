// Cuts a computation into shards of a size that a worker finishes in seconds. Pure functions.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/calendar/calendar.h"
#include "common/calendar/window.h"
#include "common/time/grain.h"
#include "common/time/iso8601.h"
#include "registry_service/backfills/shard_spec.h"
#include "registry_service/catalog/sources/row_sources.h"

namespace metricstore::registry {

// A shard begins and ends on one of these, except at the ends of the job: a bucket is never cut,
// and a month's chunk of an hourly or daily series is mostly written by one shard.
enum class CutUnit { kMonth, kWeek, kYear };

// hour, day: month; week: week; month, quarter, year: year.
CutUnit CutUnitOf(Grain grain);

// What is stored of an entity.
struct EntityRows {
  std::string entity;
  int64_t rows = 0;
  std::optional<absl::Time> oldest;
  std::optional<absl::Time> newest;
};

// A metric with what its buckets see.
struct CutMetric {
  MetricAtGrain metric;
  calendar::Window window;
  // At which the window is cut: finer than the metric's where points are folded from its own grain.
  Grain window_grain = Grain::kDay;
  // What else its buckets see: rows of the windows of metrics that it reads.
  std::vector<RowSource> reads = {};
};

// Metrics that share raw windows: the same datasets, one cut unit.
struct CutGroup {
  std::string dataset;
  std::vector<std::string> also_reads;  // other datasets, on the same calendar: sorted
  std::map<std::string, int> reads;     // versions of other metrics that the metrics read
  std::shared_ptr<const calendar::Calendar> calendar;
  CutUnit unit = CutUnit::kMonth;
  DateRange dates;                   // whole buckets of every metric
  std::vector<CutMetric> metrics;    // sorted by metric
  std::vector<EntityRows> entities;  // those of `dataset`, with their rows of all: sorted bytewise
  // By entity: dates, from the first to the last, beyond those of its rows where points are stored
  // that are to go.
  std::map<std::string, DateRange> left_points;
};

// Rows that a shard reads, as far as can be estimated.
inline constexpr int64_t kTargetShardRows = 400'000;
// A job of few shards has smaller ones, down to kFewShardRows, so that workers end together; a job
// that is smaller still feeds several workers, down to kMinShardRows.
inline constexpr int64_t kWantedShards = 16;
inline constexpr int64_t kFewShardRows = 100'000;
inline constexpr int64_t kWantedWorkers = 4;
inline constexpr int64_t kMinShardRows = 50'000;
// Points of a shard at most: its results are one commit, and refused beyond 64 MiB (4 M points).
inline constexpr int64_t kMaxShardPoints = 1'000'000;
// A month of hours of so many metrics is below kMaxShardPoints: no unit needs to be cut.
inline constexpr size_t kMaxShardMetrics = 1'000;
inline constexpr size_t kMaxShardEntities = 5'000;
inline constexpr size_t kMaxShardNameBytes = 256 << 10;  // of its entities: a lease is one message

// The shards of all groups, group by group. Entities whose rows no bucket of the dates shows take
// no part, and dates whose buckets show no rows of a shard's entities are left out, but for left
// points: windows that reach back show rows long after their dates. None if no entity takes part.
std::vector<ShardSpec> CutShards(const std::vector<CutGroup>& groups);

// Whether any entity of the group takes part.
bool HasShards(const CutGroup& group);

// The dates of the group, beside each of its entities, whose buckets may show rows of it, in whole
// units; empty (start == end) if there are none.
std::vector<DateRange> DatesWithRows(const CutGroup& group);

}  // namespace metricstore::registry
