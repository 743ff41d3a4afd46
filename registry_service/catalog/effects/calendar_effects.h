// What changes of calendars do to stored results, and the marks that have them computed again.
#pragma once

#include <cstdint>

#include "absl/status/status.h"
#include "common/pg/pool.h"
#include "registry_service/catalog/diff/import_changes.h"
#include "registry_service/catalog/validation/definition_check.h"
#include "registry_service/catalog/yaml/definition_files.h"

namespace metricstore::registry {

// Fills in ImportOutcome::stale of the calendars that change, and of the datasets that move to
// another one: every version of a metric with results, at each grain of them, whose buckets are cut
// or filled in another way on dates between its oldest and newest point, or on dates that running
// or succeeded backfills compute, with or without points. Reads nothing unless a calendar changes.
// INTERNAL for rows that no release wrote; errors of Transaction::Execute.
absl::Status FindCalendarEffects(pg::Transaction& transaction, int32_t project_id,
                                 const Definitions& definitions, const StoredDefinitions& stored,
                                 ImportChanges& changes);

// Marks what was found, a row of dirty_ranges for each range of dates. Errors of
// Transaction::Execute.
absl::Status MarkCalendarEffects(pg::Transaction& transaction, int32_t project_id,
                                 const Definitions& definitions, const StoredDefinitions& stored,
                                 const ImportChanges& changes);

}  // namespace metricstore::registry
