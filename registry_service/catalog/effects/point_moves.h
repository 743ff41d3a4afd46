// Points go along when their dates come to start at other instants.
//
// A stored point is known by the start of its bucket, a backfill replaces the points that start
// within the dates it computes, and readers take a point's date from where it starts: all of that
// by the newest calendar. So a calendar that cuts its days elsewhere takes the points along, or
// some would stay for ever beside those that replace them, and others be taken for the day before.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "common/pg/pool.h"
#include "registry_service/catalog/effects/import_causes.h"
#include "registry_service/catalog/effects/moved_chunks.h"
#include "registry_service/catalog/effects/stored_results.h"

namespace metricstore::registry {

// What moves.
struct PointMove {
  std::vector<VersionKey> versions;
  std::vector<DateShift> shifts;
};

// Versions with points of whole days or more whose buckets the cause's calendar cuts; hours keep
// their instants. No versions where no date moves. `sources` finds what is served of metrics.
PointMove FindMove(const StoredResults& results, const Cause& cause, SourceFinder& sources);

// Moves them, a few series at a time. Wants the lock of the project's imports, which commits of
// results wait for. Errors of pg::Transaction.
absl::Status MovePoints(pg::Transaction& transaction, int32_t project_id, const PointMove& move);

}  // namespace metricstore::registry
