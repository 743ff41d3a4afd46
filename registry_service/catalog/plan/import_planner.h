// What an import would do and what would follow from it, and how all definitions are.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/pg/pool.h"
#include "common/time/cancellation.h"
#include "registry_service/catalog/definition/field_change.h"
#include "registry_service/catalog/definition/import_outcome.h"
#include "registry_service/catalog/store/definition_writer.h"
#include "registry_service/catalog/store/metric_test_runner.h"
#include "registry_service/catalog/validation/finding.h"
#include "registry_service/catalog/view/catalog_cache.h"
#include "registry_service/catalog/yaml/definition_files.h"

namespace metricstore::registry {

// See proto metricstore.registry.v1.PlannedChange.
struct PlannedChange {
  ImportOutcome outcome;
  std::vector<FieldChange> changes;
  bool makes_version = false;
  bool breaking = false;
  std::vector<std::string> dependents;      // ids, sorted
  std::vector<FieldChange> served_changes;  // where a version waits
  int served_version = 0;                   // likewise
};

// See proto metricstore.registry.v1.NearDuplicate.
struct NearDuplicate {
  std::string metric;
  std::string other;
};

// See proto metricstore.registry.v1.PlanImportResponse.
struct ImportPlan {
  std::vector<PlannedChange> changes;
  std::vector<StaleResults> stale;
  std::vector<NearDuplicate> near_duplicates;
  int64_t recompute_rows = 0;
  int64_t recompute_points = 0;
  std::vector<DefinitionReport> warnings;
};

// Thread-safe; keeps nothing. What it is made of must outlive it. Reads everything from one
// snapshot.
class ImportPlanner {
 public:
  ImportPlanner(pg::Pool& pool, MetricTestRunner& tests) : pool_(pool), tests_(tests) {}

  // With `promote`, of an import that promotes. Errors as Importer::Import; tests are not run.
  absl::StatusOr<ImportPlan> Plan(int32_t project_id, std::span<const DefinitionFile> files,
                                  bool promote, const CallBounds& bounds);

  // One report for each definition of the files, by kind and name; faults of files that could not
  // be read are reports without a name. Without files: of everything that is stored, served
  // versions too. Reports of metrics without errors carry them if `with_metrics`. UNAVAILABLE
  // (COMPUTE_UNAVAILABLE) if tests cannot be run, errors of pg::Pool::Run.
  absl::StatusOr<std::vector<DefinitionReport>> Validate(int32_t project_id,
                                                         std::span<const DefinitionFile> files,
                                                         bool skip_tests, const CallBounds& bounds,
                                                         bool with_metrics = false);

 private:
  pg::Pool& pool_;
  MetricTestRunner& tests_;
};

}  // namespace metricstore::registry
