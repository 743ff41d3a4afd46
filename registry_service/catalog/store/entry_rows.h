// Rows of metric_definitions as entries.
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "common/pg/pool.h"
#include "registry_service/catalog/store/catalog_reader.h"

namespace metricstore::registry {

// Rows of kSelectChangedEntries and the like. INTERNAL for rows that no release wrote.
absl::StatusOr<std::vector<StoredEntry>> EntriesFrom(const pg::Result& rows);

}  // namespace metricstore::registry
