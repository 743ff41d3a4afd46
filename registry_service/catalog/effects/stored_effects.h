// What changes of calendars, datasets and served versions do to stored results: what becomes stale,
// which points move, and the marks that have them computed again.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/pg/pool.h"
#include "registry_service/catalog/diff/import_changes.h"
#include "registry_service/catalog/effects/mark_moves.h"
#include "registry_service/catalog/effects/mark_rows.h"
#include "registry_service/catalog/effects/point_moves.h"
#include "registry_service/catalog/effects/reader_marks.h"
#include "registry_service/catalog/validation/definition_check.h"
#include "registry_service/catalog/yaml/definition_files.h"

namespace metricstore::registry {

// What is to be written besides the definitions.
struct StoredEffects {
  std::vector<ResultMarks> marks;  // of calendars and datasets
  std::vector<PointMove> moves;
  std::vector<MarkMove> mark_moves;
  std::vector<ServedChange> served;  // of which the readers are to be marked
};

// Fills in ImportOutcome::stale of the calendars that change, of the datasets that move to another
// one, and of those whose rows become other bars: every version of a metric with results, at each
// grain of them, whose buckets are filled in another way on dates between its oldest and newest
// point, or on dates that running or succeeded backfills compute, with or without points. Reads
// nothing unless there is such a change. Metrics of which another version comes to be served are
// told, and nothing is read for them. INTERNAL for rows that no release wrote; errors of
// Transaction::Execute.
absl::StatusOr<StoredEffects> FindStoredEffects(pg::Transaction& transaction, int32_t project_id,
                                                const Definitions& definitions,
                                                const StoredDefinitions& stored,
                                                ImportChanges& changes);

// Moves points and marks, and marks what was found and the results of all readers of what comes to
// be served in another version. The one place that every such change passes, in its own
// transaction, once the definitions are written. Wants the lock of the project's imports. Errors of
// FindReaderMarks and WriteMarks.
absl::Status WriteStoredEffects(pg::Transaction& transaction, int32_t project_id,
                                const StoredEffects& effects);

}  // namespace metricstore::registry
