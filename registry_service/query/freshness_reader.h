// How new the stored points of metrics are beside the rows that they are made of.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/pg/pool.h"
#include "common/time/cancellation.h"
#include "registry_service/calendars/calendar_store.h"
#include "registry_service/catalog/view/catalog_snapshot.h"
#include "registry_service/datasets/dataset_store.h"

namespace metricstore::registry {

// Values equal those of proto metricstore.registry.v1.MetricFreshness.State.
enum class FreshnessState {
  kFresh = 1,
  kNeverComputed = 2,
  kNewerRows = 3,
  kNoRows = 4,
  kNotComputed = 5,
  kUpstreamStale = 6
};

// See proto metricstore.registry.v1.MetricFreshness.
struct MetricFreshness {
  std::string metric;
  int active_version = 0;
  int latest_version = 0;
  std::optional<absl::Time> newest_bucket, newest_row;
  FreshnessState state = FreshnessState::kFresh;
  std::string reason;
};

// Thread-safe; keeps nothing. What it is made of must outlive it.
class FreshnessReader {
 public:
  FreshnessReader(pg::Pool& pool, DatasetStore& datasets, CalendarStore& calendars)
      : pool_(pool), datasets_(datasets), calendars_(calendars) {}

  // One for each metric, in that order; `snapshot` tells what they read. Errors of pg::Pool::Run.
  absl::StatusOr<std::vector<MetricFreshness>> Read(int32_t project_id,
                                                    const std::vector<CatalogEntryPtr>& metrics,
                                                    const CatalogSnapshot& snapshot,
                                                    const CallBounds& bounds);

 private:
  pg::Pool& pool_;
  DatasetStore& datasets_;
  CalendarStore& calendars_;
};

}  // namespace metricstore::registry
