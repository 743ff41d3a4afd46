#include "registry_service/catalog/store/definition_writer.h"

#include <string>
#include <utility>
#include <vector>

#include "common/status/macros.h"
#include "registry_service/calendars/calendar_rows.h"
#include "registry_service/catalog/definition/metric_json.h"
#include "registry_service/catalog/store/write_statements.h"
#include "registry_service/datasets/column_rows.h"
#include "registry_service/datasets/dataset_rows.h"
#include "registry_service/datasets/raw_table_writer.h"

namespace metricstore::registry {
namespace {

// Calendars, datasets and notes are written in the order of `changes`, which is by name: the same
// order in all imports avoids deadlocks over tables that projects share.
absl::Status WriteCalendars(pg::Transaction& transaction, int32_t project_id,
                            const Definitions& definitions, const ImportChanges& changes) {
  for (const ImportChange& change : changes.calendars) {
    if (change.outcome.action == ImportAction::kUnchanged) continue;
    const calendar::CalendarSpec& spec = definitions.calendars[change.index].definition;
    RETURN_IF_ERROR(SaveCalendarVersion(transaction, project_id, spec, change.outcome.version));
  }
  return absl::OkStatus();
}

absl::Status WriteDatasets(pg::Transaction& transaction, int32_t project_id,
                           const Definitions& definitions, const StoredDefinitions& stored,
                           const ImportChanges& changes) {
  for (const ImportChange& change : changes.datasets) {
    if (change.outcome.action == ImportAction::kUnchanged) continue;
    const Dataset& dataset = definitions.datasets[change.index].definition;
    const auto before = stored.datasets.find(dataset.name);
    RETURN_IF_ERROR(before == stored.datasets.end()
                        ? CreateRawTable(transaction, project_id, dataset)
                        : ChangeRawTable(transaction, project_id, before->second, dataset));
    RETURN_IF_ERROR(SaveDataset(transaction, project_id, dataset));
  }
  return absl::OkStatus();
}

absl::Status WriteColumns(pg::Transaction& transaction, int32_t project_id,
                          const Definitions& definitions, const ImportChanges& changes) {
  for (const ImportChange& change : changes.columns) {
    if (change.outcome.action == ImportAction::kUnchanged) continue;
    const ColumnNotes& notes = definitions.columns[change.index].definition;
    RETURN_IF_ERROR(SaveColumnNotes(transaction, project_id, notes.table, notes.columns).status());
  }
  return absl::OkStatus();
}

// The etag of a metric as the import leaves it.
std::string EtagAfter(const MetricDefinition& metric, const ImportChange& change,
                      const StoredMetric* before) {
  const ImportOutcome& outcome = change.outcome;
  const bool stays = before != nullptr && outcome.active_version != outcome.version;
  return EtagOf(metric, stays ? before->active : metric, outcome.version, outcome.active_version,
                false);
}

// Rows of metrics that go to the database in one statement each.
class MetricRows {
 public:
  void Add(const MetricDefinition& metric, const ImportChange& change, const StoredMetric* before) {
    const int version = change.outcome.version;
    const std::string json = MetricToJson(metric);
    const std::string etag = EtagAfter(metric, change, before);
    if (before == nullptr) {
      created_.names.push_back(metric.name);
      created_.categories.push_back(metric.category);
      created_.Add(metric.id(), json, etag);
    } else {
      const int active_version = change.outcome.active_version;
      changed_.active_versions.push_back(active_version);
      changed_.latest_versions.push_back(version);
      changed_.actives.push_back(active_version == version ? json : "");
      changed_.Add(metric.id(), json, etag);
    }
    if (before != nullptr && !change.makes_version) return;
    versions_.ids.push_back(metric.id());
    versions_.versions.push_back(version);
    versions_.definitions.push_back(json);
  }

  bool empty() const { return created_.ids.empty() && changed_.ids.empty(); }

  absl::Status Write(pg::Transaction& transaction, int32_t project_id, int64_t revision) const {
    RETURN_IF_ERROR(WriteCreated(transaction, project_id, revision));
    RETURN_IF_ERROR(WriteChanged(transaction, project_id, revision));
    if (versions_.ids.empty()) return absl::OkStatus();
    pg::Params params;
    params.Add(project_id).AddArray(versions_.ids).AddArray(versions_.versions);
    params.AddArray(versions_.definitions);
    return transaction.Execute(kInsertMetricVersions, params).status();
  }

 private:
  struct Entries {
    std::vector<std::string> ids, definitions, etags;
    void Add(std::string id, const std::string& json, std::string etag) {
      ids.push_back(std::move(id));
      definitions.push_back(json);
      etags.push_back(std::move(etag));
    }
  };
  struct Created : Entries {
    std::vector<std::string> names, categories;
  };
  struct Changed : Entries {
    std::vector<int32_t> active_versions, latest_versions;
    std::vector<std::string> actives;  // "": it stays
  };
  struct Versions {
    std::vector<std::string> ids, definitions;
    std::vector<int32_t> versions;
  };

  absl::Status WriteCreated(pg::Transaction& transaction, int32_t project_id,
                            int64_t revision) const {
    if (created_.ids.empty()) return absl::OkStatus();
    pg::Params params;
    params.Add(project_id).Add(revision).AddArray(created_.ids).AddArray(created_.names);
    params.AddArray(created_.categories).AddArray(created_.definitions).AddArray(created_.etags);
    return transaction.Execute(kInsertMetrics, params).status();
  }

  absl::Status WriteChanged(pg::Transaction& transaction, int32_t project_id,
                            int64_t revision) const {
    if (changed_.ids.empty()) return absl::OkStatus();
    pg::Params params;
    params.Add(project_id).Add(revision).AddArray(changed_.ids);
    params.AddArray(changed_.active_versions).AddArray(changed_.latest_versions);
    params.AddArray(changed_.actives).AddArray(changed_.definitions).AddArray(changed_.etags);
    return transaction.Execute(kUpdateMetrics, params).status();
  }

  Created created_;
  Changed changed_;
  Versions versions_;
};

absl::Status WriteMetrics(pg::Transaction& transaction, int32_t project_id,
                          const Definitions& definitions, const StoredDefinitions& stored,
                          const ImportChanges& changes) {
  MetricRows rows;
  for (const ImportChange& change : changes.metrics) {
    const MetricDefinition& metric = definitions.metrics[change.index].definition;
    const auto found = stored.metrics.find(metric.id());
    const StoredMetric* before = found == stored.metrics.end() ? nullptr : &found->second;
    const bool unchanged = change.outcome.action == ImportAction::kUnchanged;
    // What the parser derives may have been told otherwise by an earlier release.
    if (unchanged && EtagAfter(metric, change, before) == before->latest.etag) continue;
    rows.Add(metric, change, before);
  }
  if (rows.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const int64_t revision, BumpRevision(transaction, project_id));
  return rows.Write(transaction, project_id, revision);
}

}  // namespace

absl::StatusOr<int64_t> BumpRevision(pg::Transaction& transaction, int32_t project_id) {
  const pg::Params params = pg::Params().Add(project_id);
  ASSIGN_OR_RETURN(const pg::Result revision, transaction.Execute(kBumpRevision, params));
  return revision.Single().Int64(0);
}

absl::Status WriteDefinitions(pg::Transaction& transaction, int32_t project_id,
                              const Definitions& definitions, const StoredDefinitions& stored,
                              const ImportChanges& changes) {
  RETURN_IF_ERROR(WriteCalendars(transaction, project_id, definitions, changes));
  RETURN_IF_ERROR(WriteDatasets(transaction, project_id, definitions, stored, changes));
  RETURN_IF_ERROR(WriteColumns(transaction, project_id, definitions, changes));
  return WriteMetrics(transaction, project_id, definitions, stored, changes);
}

}  // namespace metricstore::registry
