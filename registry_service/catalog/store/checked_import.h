// Definitions on their way into the catalogue: checked, tested, written. What an import of files
// and the edit of one metric have in common.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "common/pg/pool.h"
#include "registry_service/catalog/diff/import_changes.h"
#include "registry_service/catalog/store/metric_editor.h"
#include "registry_service/catalog/store/stored_loader.h"
#include "registry_service/catalog/store/test_ledger.h"
#include "registry_service/catalog/validation/definition_check.h"
#include "registry_service/catalog/validation/finding.h"
#include "registry_service/catalog/yaml/definition_files.h"

namespace metricstore::registry {

// What was done.
struct CheckedImport {
  StoredDefinitions before;
  ImportChanges changes;  // with the tests that ran
};

// Checks `definitions` against what is stored, looks up the tests of metrics that change or whose
// dataset or calendar does, and writes. Of `options`, reads skip_tests and promote. `faults` are
// those of reading. INVALID_ARGUMENT for faults of any kind, errors of WriteDefinitions,
// TestLedger::Stop where tests are yet to be run or the attempt only looks. Wants LockCatalog. What
// WarningsOf is to be asked of wants Beside::kAll.
absl::StatusOr<CheckedImport> CheckAndWrite(pg::Transaction& transaction, int32_t project_id,
                                            Definitions& definitions, Faults faults,
                                            const WriteOptions& options, TestLedger& tests,
                                            Beside beside);

// Reports of calendars and of metrics that changed and have doubts, each by name; at most 1000.
std::vector<DefinitionReport> WarningsOf(const Definitions& definitions, const CheckedImport& done);

}  // namespace metricstore::registry
