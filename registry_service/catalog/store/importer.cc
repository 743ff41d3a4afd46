#include "registry_service/catalog/store/importer.h"

#include <limits>
#include <set>
#include <string>
#include <utility>

#include "common/status/macros.h"
#include "registry_service/calendars/calendar_rows.h"
#include "registry_service/calendars/calendar_statements.h"
#include "registry_service/catalog/definition/metric_json.h"
#include "registry_service/catalog/store/metric_statements.h"
#include "registry_service/catalog/validation/definition_check.h"
#include "registry_service/datasets/dataset_rows.h"
#include "registry_service/datasets/dataset_statements.h"

namespace metricstore::registry {
namespace {

// Calendars and datasets of a project: few, so all of them are read.
absl::StatusOr<std::vector<std::string>> AllNames(pg::Transaction& transaction,
                                                  const pg::Statement& page, int32_t project_id) {
  pg::Params params;
  params.Add(project_id).Add("").Add(std::numeric_limits<int64_t>::max());
  ASSIGN_OR_RETURN(const pg::Result rows, transaction.Execute(page, params));
  std::vector<std::string> names;
  for (const pg::Row row : rows) names.emplace_back(row.Text(0));
  return names;
}

absl::Status LoadMetrics(pg::Transaction& transaction, int32_t project_id,
                         const Definitions& definitions, StoredDefinitions& stored) {
  std::vector<std::string> ids;
  for (const auto& located : definitions.metrics) ids.push_back(located.definition.id());
  const std::set<std::string> affected = AffectedDatasets(definitions, stored);
  const std::vector<std::string> datasets(affected.begin(), affected.end());
  const pg::Params params = pg::Params().Add(project_id).AddArray(ids).AddArray(datasets);
  ASSIGN_OR_RETURN(const pg::Result rows, transaction.Execute(kSelectMetricsForImport, params));
  for (const pg::Row row : rows) {
    ASSIGN_OR_RETURN(MetricDefinition definition, MetricFromJson(row.Text(3)));
    stored.metrics[std::string(row.Text(0))] = {std::move(definition), row.Int32(1), row.Int32(2)};
  }
  return absl::OkStatus();
}

absl::StatusOr<StoredDefinitions> LoadStored(pg::Transaction& transaction, int32_t project_id,
                                             const Definitions& definitions) {
  StoredDefinitions stored;
  ASSIGN_OR_RETURN(const auto calendar_names,
                   AllNames(transaction, kSelectCalendarNames, project_id));
  ASSIGN_OR_RETURN(auto calendars, LoadNewestCalendars(transaction, project_id, calendar_names));
  for (StoredCalendar& calendar : calendars) {
    std::string name = calendar.calendar->spec().name;
    stored.calendars.emplace(std::move(name), std::move(calendar));
  }
  ASSIGN_OR_RETURN(const auto dataset_names, AllNames(transaction, kSelectDatasetPage, project_id));
  ASSIGN_OR_RETURN(auto datasets, LoadDatasets(transaction, project_id, dataset_names));
  for (Dataset& dataset : datasets) stored.datasets.emplace(dataset.name, std::move(dataset));
  RETURN_IF_ERROR(LoadMetrics(transaction, project_id, definitions, stored));
  return stored;
}

}  // namespace

absl::StatusOr<std::vector<ImportOutcome>> Importer::Import(int32_t project_id,
                                                            std::span<const DefinitionFile> files,
                                                            bool validate_only,
                                                            const CallBounds& bounds) {
  Faults read_faults;
  const Definitions read = ReadDefinitions(files, read_faults);
  std::vector<ImportOutcome> outcomes;
  bool validated = false;
  const auto import = [&](pg::Transaction& transaction) -> absl::Status {
    // The transaction may run again: it starts from what was read each time.
    Definitions definitions = read;
    Faults faults = read_faults;
    validated = false;
    RETURN_IF_ERROR(transaction.Execute(kLockImports, pg::Params().Add(project_id)).status());
    ASSIGN_OR_RETURN(const StoredDefinitions stored,
                     LoadStored(transaction, project_id, definitions));
    CheckDefinitions(definitions, stored, faults);
    RETURN_IF_ERROR(faults.ToStatus());
    ASSIGN_OR_RETURN(outcomes, WriteDefinitions(transaction, project_id, definitions, stored));
    if (!validate_only) return absl::OkStatus();
    validated = true;
    return absl::CancelledError("validated; nothing is to be stored");
  };
  const absl::Status status = pool_.Run(bounds, pg::TransactionMode::kReadWrite, import);
  if (validate_only && validated) return outcomes;
  RETURN_IF_ERROR(status);
  datasets_.Forget(project_id);
  return outcomes;
}

}  // namespace metricstore::registry
