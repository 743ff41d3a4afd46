// Marks of hours go along when their dates come to start at other instants.
//
// A mark holds dates, which are those of the newest calendar to whoever reads it. Hours keep their
// instants, so that by a calendar that cuts its days elsewhere the marked ones lie on other dates.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/calendar/calendar.h"
#include "common/pg/pool.h"
#include "registry_service/catalog/effects/import_causes.h"
#include "registry_service/catalog/effects/stored_results.h"

namespace metricstore::registry {

// Of which versions the marks at grain hour move: metrics and versions beside them.
struct MarkMove {
  std::shared_ptr<const calendar::Calendar> before, after;
  std::vector<std::string> metrics;
  std::vector<int32_t> versions;
};

// Versions with results by the hour whose dates the cause's calendar cuts. None where it cuts them
// as before. `sources` finds what is served of metrics.
MarkMove FindMarkMove(const StoredResults& results, const Cause& cause, SourceFinder& sources);

// Gives marks the dates of their instants, as if they were written now: backfills of before
// computed other instants of these dates. Those that backfills have met are deleted. Wants the lock
// of the project's imports, and is to come before new marks are written. Errors of
// Transaction::Execute.
absl::Status MoveMarks(pg::Transaction& transaction, int32_t project_id, const MarkMove& move);

}  // namespace metricstore::registry
