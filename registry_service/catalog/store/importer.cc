#include "registry_service/catalog/store/importer.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "common/status/macros.h"
#include "registry_service/catalog/store/catalog_write.h"
#include "registry_service/catalog/store/checked_import.h"
#include "registry_service/catalog/store/kept_answers.h"

namespace metricstore::registry {
namespace {

bool HaveTests(const Definitions& definitions) {
  return std::any_of(definitions.metrics.begin(), definitions.metrics.end(),
                     [](const auto& located) { return !located.definition.tests.empty(); });
}

ImportResult ResultOf(const Definitions& definitions, CheckedImport done) {
  ImportResult result;
  result.warnings = WarningsOf(definitions, done);
  for (auto* list : {&done.changes.calendars, &done.changes.datasets, &done.changes.columns,
                     &done.changes.metrics}) {
    for (ImportChange& change : *list) result.outcomes.push_back(std::move(change.outcome));
  }
  return result;
}

}  // namespace

absl::StatusOr<ImportResult> Importer::Import(int32_t project_id,
                                              std::span<const DefinitionFile> files,
                                              const WriteOptions& options,
                                              const CallBounds& bounds) {
  Faults read_faults;
  const Definitions read = ReadDefinitions(files, read_faults);
  ImportResult result;
  const auto import = [&](pg::Transaction& transaction,
                          TestLedger& tests) -> absl::StatusOr<std::string> {
    // The transaction may run again: it starts from what was read each time.
    Definitions definitions = read;
    ASSIGN_OR_RETURN(CheckedImport done, CheckAndWrite(transaction, project_id, definitions,
                                                       read_faults, options, tests, Beside::kAll));
    result = ResultOf(definitions, std::move(done));
    return options.request_id.empty() ? "" : ImportAnswer(result);
  };
  const auto repeat = [&](pg::Transaction&, std::string_view answer) -> absl::Status {
    ASSIGN_OR_RETURN(result, ImportResultFrom(answer));
    return absl::OkStatus();
  };
  const CatalogWrite what{project_id, "import", options};
  const bool look_first = HaveTests(read) && !options.skip_tests;
  RETURN_IF_ERROR(RunTestedWrite(pool_, what, tests_, look_first, bounds, import, repeat));
  if (!options.validate_only) datasets_.Forget(project_id);
  return result;
}

}  // namespace metricstore::registry
