// Stored results that an import makes outdated, and what it takes to compute them anew.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/pg/pool.h"
#include "registry_service/catalog/diff/import_changes.h"
#include "registry_service/catalog/plan/import_planner.h"
#include "registry_service/catalog/plan/metric_readers.h"
#include "registry_service/catalog/validation/definition_check.h"
#include "registry_service/catalog/yaml/definition_files.h"

namespace metricstore::registry {

// Metrics whose stored results no longer say what their definitions do after the import, all of
// them: those whose meaning changes, those over a dataset whose rows belong to other times or
// entities, and all that read any of these or a metric whose waiting version is promoted, directly
// or through others. Without those that can no longer be computed.
std::set<std::string> StaleMetrics(const ImportChanges& changes, const MetricReaders& readers);

// Fills in the plan's stale results, those that FindStoredEffects found among them, and what a
// recompute of all would read and write; it may read fewer rows where only some dates are stale.
// Errors of Transaction::Execute.
absl::Status ReadStaleResults(pg::Transaction& transaction, int32_t project_id,
                              const std::set<std::string>& stale, const Definitions& definitions,
                              const ImportChanges& changes, ImportPlan& plan);

}  // namespace metricstore::registry
