// What follows from definitions that an earlier release stored without it.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "common/pg/pool.h"
#include "registry_service/catalog/store/catalog_reader.h"
#include "registry_service/catalog/validation/definition_check.h"

namespace metricstore::registry {

// Whether `meaning`, `meaning_without_sql` or `reads` were not known yet when the metric was
// stored, or could not be derived.
bool LacksDerived(const MetricDefinition& metric);

// Derives them over the stored datasets; of a metric that does not bind any more they stay empty.
// Nothing is written: that is for the next import of the metric.
void DeriveMissing(const StoredDefinitions& ground, std::vector<StoredEntry>& entries);
// The same, with a ground that is loaded if it is needed. Errors of LoadGround.
absl::Status DeriveMissing(pg::Transaction& transaction, int32_t project_id,
                           std::vector<StoredEntry>& entries);

}  // namespace metricstore::registry
