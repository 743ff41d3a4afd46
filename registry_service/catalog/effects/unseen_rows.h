// Rows that came after the hours of their dates were computed, when dates come to start at other
// instants: by the newest calendar they lie on other dates, which a later backfill may have
// computed. So they become marks before that is forgotten.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/pg/pool.h"
#include "common/time/iso8601.h"
#include "registry_service/catalog/effects/mark_moves.h"

namespace metricstore::registry {

// A finished backfill of all entities.
struct HourJob {
  DateRange dates;
  absl::Time at;
  int64_t first_running = 0;  // transactions before this one were over when it was planned
};

// Batches of the same dates, together.
struct LateRows {
  DateRange dates;
  absl::Time at;                       // when the last of them was accepted
  std::optional<int64_t> transaction;  // the last; unset: from before this was kept
};

// Of the dates that jobs (newest first) computed those whose newest job did not see the rows, nor,
// with `reaches`, rows of dates before: in order. In doubt it did not.
std::vector<DateRange> UnseenDates(const std::vector<HourJob>& newest_first,
                                   const std::vector<LateRows>& rows, bool reaches);

// The hours of such dates, as the calendar of after knows them, by version. INTERNAL for rows that
// no release wrote; errors of Transaction::Execute.
absl::StatusOr<std::vector<StaleResults>> FindUnseenRows(pg::Transaction& transaction,
                                                         int32_t project_id,
                                                         const StoredResults& results,
                                                         const MarkMove& move,
                                                         SourceFinder& sources);

}  // namespace metricstore::registry
