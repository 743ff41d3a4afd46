// One look at what PostgreSQL holds of several projects' catalogues.
#pragma once

#include <cstdint>
#include <map>
#include <memory>

#include "absl/status/statusor.h"
#include "common/pg/pool.h"
#include "common/time/cancellation.h"
#include "registry_service/catalog/view/catalog_cache.h"
#include "registry_service/catalog/view/catalog_snapshot.h"

namespace metricstore::registry {

using CatalogSnapshotPtr = std::shared_ptr<const CatalogSnapshot>;
// By project; nullptr: nothing is known of it yet.
using KnownSnapshots = std::map<int32_t, CatalogSnapshotPtr>;
// INTERNAL for a project with rows that no release wrote.
using LookedUpSnapshots = std::map<int32_t, absl::StatusOr<CatalogSnapshotPtr>>;

// The snapshots as they are now, all read in one transaction: the same pointers where nothing
// changed. Whatever was committed before the call is in them. Errors of pg::Pool::Run.
absl::StatusOr<LookedUpSnapshots> LookAt(pg::Pool& pool, const KnownSnapshots& known,
                                         const CatalogCache::Encoder& encoder,
                                         const CallBounds& bounds);

}  // namespace metricstore::registry
