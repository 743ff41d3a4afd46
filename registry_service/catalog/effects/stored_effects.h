// What changes of calendars and datasets do to stored results: what becomes stale, which points
// move, and the marks that have them computed again.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/pg/pool.h"
#include "registry_service/catalog/diff/import_changes.h"
#include "registry_service/catalog/effects/point_moves.h"
#include "registry_service/catalog/validation/definition_check.h"
#include "registry_service/catalog/yaml/definition_files.h"

namespace metricstore::registry {

// What is to be written besides the definitions.
struct StoredEffects {
  // Results that one cause makes stale; see Cause.
  struct Marks {
    std::vector<StaleResults> stale;
    std::string cause, detail;
  };
  std::vector<Marks> marks;
  std::vector<PointMove> moves;
};

// Fills in ImportOutcome::stale of the calendars that change, of the datasets that move to another
// one, and of those whose rows become other bars: every version of a metric with results, at each
// grain of them, whose buckets are filled in another way on dates between its oldest and newest
// point, or on dates that running or succeeded backfills compute, with or without points. Reads
// nothing unless there is such a change. INTERNAL for rows that no release wrote; errors of
// Transaction::Execute.
absl::StatusOr<StoredEffects> FindStoredEffects(pg::Transaction& transaction, int32_t project_id,
                                                const Definitions& definitions,
                                                const StoredDefinitions& stored,
                                                ImportChanges& changes);

// Moves points, and marks what was found, a row of dirty_ranges for each range of dates. Marks that
// these make needless, and marks that backfills have met, are deleted on the way. Wants the lock of
// the project's imports. Errors of Transaction::Execute.
absl::Status WriteStoredEffects(pg::Transaction& transaction, int32_t project_id,
                                const StoredEffects& effects);

}  // namespace metricstore::registry
