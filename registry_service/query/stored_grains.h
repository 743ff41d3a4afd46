// At which grains metrics have points and marks, and of which dates.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/pg/pool.h"
#include "common/time/grain.h"
#include "common/time/iso8601.h"
#include "registry_service/catalog/view/catalog_snapshot.h"

namespace metricstore::registry {

// Id, version and grain.
using GrainKey = std::tuple<std::string, int, Grain>;

using NewestBuckets = std::map<GrainKey, absl::Time>;

// Of the active and waiting versions, at every grain at which they have points. Errors of the
// transaction.
absl::StatusOr<NewestBuckets> ReadNewestBuckets(pg::Transaction& transaction, int32_t project_id,
                                                const std::vector<CatalogEntryPtr>& entries);

// What is stored of a metric at a grain: dates of its marks, and at another grain than its own
// those of its points.
struct StoredGrain {
  std::optional<TimeRange> buckets;  // starts of the oldest and the newest
  std::optional<DateRange> marks;
};
using StoredGrains = std::map<GrainKey, StoredGrain>;

// Of the active versions. Errors of the transaction.
absl::StatusOr<StoredGrains> ReadStoredGrains(pg::Transaction& transaction, int32_t project_id,
                                              const std::vector<CatalogEntryPtr>& entries,
                                              const NewestBuckets& newest);

}  // namespace metricstore::registry
