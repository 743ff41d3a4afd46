// Reads whole metrics, revision by revision: what memory is filled and kept coherent from. What an
// earlier release stored without `meaning` and `reads` gets them in reading.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/pg/pool.h"
#include "registry_service/catalog/definition/metric_definition.h"

namespace metricstore::registry {

// A metric as it is stored. Both definitions have version, active_version, latest_version, etag,
// times and, if it is deleted, delete_time; they are equal where the newest version is the active
// one.
struct StoredEntry {
  MetricDefinition active;
  MetricDefinition latest;
  int64_t revision = 0;  // of the project, when the metric last changed
};

// The revisions of these projects; unknown ones are left out. Errors of Transaction::Execute.
absl::StatusOr<std::map<int32_t, int64_t>> ReadRevisions(pg::Transaction& transaction,
                                                         const std::vector<int32_t>& project_ids);

// The metrics that changed after a revision, deleted ones too, by id; -1 gives all. To know which
// revision they belong to, read that first, in one snapshot (kReadOnlySnapshot). INTERNAL for rows
// that no release wrote, errors of Transaction::Execute.
absl::StatusOr<std::vector<StoredEntry>> ReadChangedEntries(pg::Transaction& transaction,
                                                            int32_t project_id,
                                                            int64_t after_revision);

// Those of `ids` that are stored, deleted ones too, by id. Errors likewise.
absl::StatusOr<std::vector<StoredEntry>> ReadEntries(pg::Transaction& transaction,
                                                     int32_t project_id,
                                                     const std::vector<std::string>& ids);

}  // namespace metricstore::registry
