// How much a shard's results may be, before any row is read. Pure functions.
#pragma once

#include <cstdint>
#include <string>

#include "common/time/iso8601.h"
#include "registry_service/backfills/shard_cutter.h"

namespace metricstore::registry {

// At most how many points the group's metrics give of `rows` rows in these dates: one for a row,
// or, where a row is shown by many buckets, one for a bucket. A series counts beside its points,
// also without any: it is sent with its names.
int64_t MostPoints(const CutGroup& group, const std::string& entity, DateRange dates, int64_t rows);

}  // namespace metricstore::registry
