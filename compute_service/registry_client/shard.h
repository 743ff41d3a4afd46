// A leased piece of a backfill and what is sent back for it.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/time/grain.h"
#include "common/time/iso8601.h"
#include "compute_service/definition/definitions.h"
#include "compute_service/engine/vector/evaluator.h"

namespace metricstore::compute {

// A shard as leased: only the newest fence may commit.
struct Lease {
  int64_t shard_id = 0;
  int64_t fence = 0;
  friend auto operator<=>(const Lease&, const Lease&) = default;
};

// A metric version and the size of the buckets it is computed at.
struct MetricAtGrain {
  MetricRef metric;
  Grain grain = Grain::kDay;
};

// One dataset, some entities, a span of dates.
struct LeasedShard {
  Lease lease;
  int64_t backfill_id = 0;
  int32_t attempt = 1;
  std::string project;
  std::string dataset;
  std::vector<std::string> entities;  // one empty string for a dataset without entities
  DateRange dates;                    // aligned to the grain of every metric
  std::vector<MetricAtGrain> metrics;
  std::string calendar;
  int32_t calendar_version = 0;
  std::vector<MetricRef> reads;  // the versions as which other metrics are read
};

// Points of one series in time order; without points, stored ones in the shard's dates are removed.
struct SeriesPoints {
  MetricRef metric;
  Grain grain = Grain::kDay;
  std::string entity;
  vector::MetricPoints points;
};

// Everything that a shard commits.
struct ShardResults {
  std::vector<SeriesPoints> series;
  int64_t rows_read = 0;
  int64_t read_watermark = 0;  // of the snapshot that the rows are of

  int64_t point_count() const {
    int64_t count = 0;
    for (const SeriesPoints& one : series) count += std::ssize(one.points.values);
    return count;
  }
};

}  // namespace metricstore::compute
