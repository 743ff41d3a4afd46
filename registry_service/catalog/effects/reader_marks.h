// What becomes stale when another version of a metric comes to be served: whoever reads a metric is
// computed from the rows by what is served of it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/pg/pool.h"
#include "registry_service/catalog/effects/mark_rows.h"

namespace metricstore::registry {

// A metric of which readers come to be served another version.
struct ServedChange {
  std::string metric;  // id
  int version = 0;
  friend bool operator==(const ServedChange&, const ServedChange&) = default;
};

// Marks of all results, stored or computed by running or succeeded backfills, of every version of
// the metrics that read any of these, directly or through others: a version concerns all dates, and
// offsets carry it to others. Wants the changes to be written: what reads what is told by the
// versions that are served now, and dates by the calendars of now. INTERNAL for rows that no
// release wrote; errors of Transaction::Execute.
absl::StatusOr<std::vector<ResultMarks>> FindReaderMarks(pg::Transaction& transaction,
                                                         int32_t project_id,
                                                         const std::vector<ServedChange>& changes);

}  // namespace metricstore::registry
