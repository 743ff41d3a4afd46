// How new the stored points of metrics are beside the rows and calendars that they are made of.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "common/pg/pool.h"
#include "common/time/cancellation.h"
#include "registry_service/calendars/calendar_store.h"
#include "registry_service/catalog/view/catalog_snapshot.h"
#include "registry_service/datasets/dataset_store.h"
#include "registry_service/query/freshness_rules.h"

namespace metricstore::registry {

// A bucket of the active version, at its own grain or at another that is stored, is fresh if a
// succeeded backfill of all entities computed it that saw every accepted batch whose rows it may
// show, and every mark of its date. Thread-safe; keeps nothing. What it is made of must outlive it.
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
