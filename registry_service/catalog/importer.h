// Imports definition files: all or nothing, and again without effect.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "common/pg/pool.h"
#include "common/time/cancellation.h"
#include "registry_service/catalog/definition_files.h"
#include "registry_service/catalog/definition_writer.h"
#include "registry_service/datasets/dataset_store.h"

namespace metricstore::registry {

// Thread-safe; imports of one project take turns, in all processes. Pool and store must outlive it.
class Importer {
 public:
  // `datasets` is told to forget what an import changed.
  Importer(pg::Pool& pool, DatasetStore& datasets) : pool_(pool), datasets_(datasets) {}

  // Reads, checks and stores the files in one transaction; with `validate_only`, does all of it and
  // rolls back. INVALID_ARGUMENT with one violation for each fault of all files, named "path:line"
  // (YAML_INVALID, KEY_UNKNOWN, DEFINITION_INVALID, EXPRESSION_INVALID, NOT_SUPPORTED,
  // DEFINITION_DUPLICATE), FAILED_PRECONDITION (DATASET_CHANGE_REFUSED), errors of pg::Pool::Run.
  absl::StatusOr<std::vector<ImportOutcome>> Import(int32_t project_id,
                                                    std::span<const DefinitionFile> files,
                                                    bool validate_only, const CallBounds& bounds);

 private:
  pg::Pool& pool_;
  DatasetStore& datasets_;
};

}  // namespace metricstore::registry
