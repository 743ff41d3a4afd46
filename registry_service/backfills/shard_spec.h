// What a shard computes: one dataset, some entities, a span of dates, metrics.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "common/time/grain.h"
#include "common/time/iso8601.h"

namespace metricstore::registry {

// A metric version with the grain at which it is computed.
struct MetricAtGrain {
  std::string id;
  int32_t version = 0;
  Grain grain = Grain::kDay;
  friend auto operator<=>(const MetricAtGrain&, const MetricAtGrain&) = default;
};

// Stored with the shard, so that neither a later calendar nor a later definition changes what a
// lease means.
struct ShardSpec {
  std::string dataset;
  std::string calendar;
  int32_t calendar_version = 0;
  std::vector<std::string> entities;  // sorted; one empty string for a dataset without entities
  DateRange dates;
  TimeRange extent;  // the instants of `dates` in that calendar: where its results replace others
  std::vector<MetricAtGrain> metrics;  // sorted
  // Other datasets, on the same calendar, that the metrics read through metrics: sorted.
  std::vector<std::string> also_reads;
  // Versions of other metrics that the metrics read, directly or through others: by id. Without it,
  // as in jobs of earlier releases, what is served when the shard is computed.
  std::vector<std::pair<std::string, int>> reads;
  friend bool operator==(const ShardSpec&, const ShardSpec&) = default;
};

// The form stored in backfill_shards.spec.
std::string ShardSpecToJson(const ShardSpec& spec);
// INTERNAL for anything that ShardSpecToJson did not write.
absl::StatusOr<ShardSpec> ParseShardSpec(std::string_view json);

// What a job computes, for people: stored in backfills.spec.
struct BackfillSpec {
  std::vector<MetricAtGrain> metrics;  // sorted
  std::vector<std::string> entities;   // sorted; empty: all
  DateRange dates;                     // of all grains together, widened to whole buckets
  friend bool operator==(const BackfillSpec&, const BackfillSpec&) = default;
};

// One text for equal specifications.
std::string BackfillSpecToJson(const BackfillSpec& spec);
// INTERNAL for anything that BackfillSpecToJson did not write.
absl::StatusOr<BackfillSpec> ParseBackfillSpec(std::string_view json);

}  // namespace metricstore::registry
