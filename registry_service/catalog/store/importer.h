// Imports definition files: all or nothing, and again without effect.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "common/pg/pool.h"
#include "common/time/cancellation.h"
#include "registry_service/catalog/store/definition_writer.h"
#include "registry_service/catalog/store/metric_editor.h"
#include "registry_service/catalog/store/metric_test_runner.h"
#include "registry_service/catalog/validation/finding.h"
#include "registry_service/catalog/yaml/definition_files.h"
#include "registry_service/datasets/dataset_store.h"

namespace metricstore::registry {

// What an import did.
struct ImportResult {
  std::vector<ImportOutcome> outcomes;     // calendars, datasets, columns, metrics, each by name
  std::vector<DefinitionReport> warnings;  // of metrics with doubts, at most 1000
};

// Thread-safe; imports of one project take turns, in all processes. What it is made of must outlive
// it.
class Importer {
 public:
  // `datasets` is told to forget what an import changed.
  Importer(pg::Pool& pool, DatasetStore& datasets, MetricTestRunner& tests)
      : pool_(pool), datasets_(datasets), tests_(tests) {}

  // Reads and checks the files, runs their tests, then checks again and stores them in one
  // transaction; with `validate_only`, does all of it and rolls back. INVALID_ARGUMENT with one
  // violation for each fault of all files, named "path:line" (YAML_INVALID, KEY_UNKNOWN,
  // DEFINITION_INVALID, EXPRESSION_INVALID, SQL_INVALID, NOT_SUPPORTED, DEFINITION_DUPLICATE,
  // DEPENDENCY_CYCLE, TEST_FAILED), FAILED_PRECONDITION (DATASET_CHANGE_REFUSED), UNAVAILABLE
  // (COMPUTE_UNAVAILABLE), ALREADY_EXISTS (REQUEST_ID_REUSED), ABORTED (TRANSACTION_CONFLICT) if
  // definitions change while tests run, again and again; errors of pg::Pool::Run. `options.etag` is
  // not read.
  absl::StatusOr<ImportResult> Import(int32_t project_id, std::span<const DefinitionFile> files,
                                      const WriteOptions& options, const CallBounds& bounds);

 private:
  pg::Pool& pool_;
  DatasetStore& datasets_;
  MetricTestRunner& tests_;
};

}  // namespace metricstore::registry
