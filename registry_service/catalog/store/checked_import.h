// Definitions on their way into the catalogue: checked, tested, written. What an import of files
// and the edit of one metric have in common.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "common/pg/pool.h"
#include "common/time/cancellation.h"
#include "registry_service/catalog/diff/import_changes.h"
#include "registry_service/catalog/store/metric_editor.h"
#include "registry_service/catalog/store/metric_test_runner.h"
#include "registry_service/catalog/validation/definition_check.h"
#include "registry_service/catalog/validation/finding.h"
#include "registry_service/catalog/yaml/definition_files.h"

namespace metricstore::registry {

// What was done.
struct CheckedImport {
  StoredDefinitions before;
  ImportChanges changes;  // with the tests that ran
};

// Checks `definitions` against what is stored, runs the tests of metrics that change or whose
// dataset or calendar does, and writes. Of `options`, reads skip_tests and promote. `faults` are
// those of reading. INVALID_ARGUMENT for faults of any kind, errors of WriteDefinitions and of
// MetricTestRunner::Run. Wants LockCatalog.
absl::StatusOr<CheckedImport> CheckAndWrite(pg::Transaction& transaction, int32_t project_id,
                                            Definitions& definitions, Faults faults,
                                            const WriteOptions& options, MetricTestRunner& tests,
                                            const CallBounds& bounds);

// Reports of metrics that changed and have doubts, by id.
std::vector<DefinitionReport> WarningsOf(const Definitions& definitions, const CheckedImport& done);

}  // namespace metricstore::registry
