#include "registry_service/catalog/store/metric_editor.h"

#include <optional>
#include <string_view>
#include <utility>

#include "common/status/macros.h"
#include "registry_service/catalog/definition/metric_json.h"
#include "registry_service/catalog/definition/metric_shape.h"
#include "registry_service/catalog/effects/stored_effects.h"
#include "registry_service/catalog/store/catalog_reader.h"
#include "registry_service/catalog/store/catalog_write.h"
#include "registry_service/catalog/store/checked_import.h"
#include "registry_service/catalog/store/definition_writer.h"
#include "registry_service/catalog/store/kept_answers.h"
#include "registry_service/catalog/store/metric_errors.h"
#include "registry_service/catalog/store/metric_fields.h"
#include "registry_service/catalog/store/metric_statements.h"
#include "registry_service/catalog/store/stored_loader.h"
#include "registry_service/catalog/store/write_statements.h"

namespace metricstore::registry {
namespace {

// The answer of a write that is told whole by the metric.
constexpr char kNothingMore[] = "{}";

absl::StatusOr<std::optional<StoredEntry>> FindEntry(pg::Transaction& transaction,
                                                     int32_t project_id, const std::string& id) {
  ASSIGN_OR_RETURN(auto entries, ReadEntries(transaction, project_id, {id}));
  if (entries.empty()) return std::optional<StoredEntry>();
  return std::optional<StoredEntry>(std::move(entries.front()));
}

// NOT_FOUND (METRIC_NOT_FOUND) if there is none, deleted or not.
absl::StatusOr<StoredEntry> GetEntry(pg::Transaction& transaction, int32_t project_id,
                                     const std::string& id) {
  ASSIGN_OR_RETURN(auto entry, FindEntry(transaction, project_id, id));
  if (entry.has_value()) return *std::move(entry);
  const pg::Params params = pg::Params().Add(project_id);
  ASSIGN_OR_RETURN(const pg::Result rows, transaction.Execute(kSelectMetricNames, params));
  std::vector<IdAndName> names;
  for (const pg::Row row : rows) names.emplace_back(row.Text(0), row.Text(1));
  return MetricNotFound(id, names);
}

absl::Status CheckEtag(const StoredEntry& entry, const WriteOptions& options) {
  const std::string& etag = entry.latest.etag;
  if (options.etag.empty() || options.etag == etag) return absl::OkStatus();
  return EtagMismatch(entry.latest.id(), etag);
}

// The metric, there and as the caller knows it.
absl::StatusOr<StoredEntry> GetPresent(pg::Transaction& transaction, int32_t project_id,
                                       const std::string& id, const WriteOptions& options) {
  ASSIGN_OR_RETURN(StoredEntry entry, GetEntry(transaction, project_id, id));
  if (entry.latest.delete_time.has_value()) {
    return MetricDeleted(absl::StatusCode::kFailedPrecondition, id);
  }
  RETURN_IF_ERROR(CheckEtag(entry, options));
  return entry;
}

// An import of one metric that no file defines. What the parser derives is cleared.
Definitions DefinitionsOf(const MetricDefinition& metric) {
  Located<MetricDefinition> located;
  located.definition.name = metric.name;
  located.definition.category = metric.category;
  CopyFields(metric, {}, located.definition);
  // By this name faults call it, not by that of YAML.
  located.lines.emplace("dataset", 0);
  Definitions definitions;
  definitions.metrics.push_back(std::move(located));
  return definitions;
}

// Checks and writes one metric as an import would, if its tests have passed.
absl::StatusOr<CheckedImport> Store(pg::Transaction& transaction, int32_t project_id,
                                    const MetricDefinition& metric, const WriteOptions& options,
                                    TestLedger& tests) {
  Definitions definitions = DefinitionsOf(metric);
  NormalizeMetric(definitions.metrics.front().definition);
  return CheckAndWrite(transaction, project_id, definitions, Faults(), options, tests,
                       Beside::kWhatTheyRead);
}

// A version that comes to be served.
struct Promotion {
  MetricDefinition bound;            // over what is stored now
  std::vector<FieldChange> changes;  // in what is served
};

// INVALID_ARGUMENT if the version no longer makes sense.
absl::StatusOr<Promotion> CheckPromotion(pg::Transaction& transaction, int32_t project_id,
                                         const MetricDefinition& metric) {
  Definitions definitions = DefinitionsOf(metric);
  ASSIGN_OR_RETURN(StoredDefinitions stored,
                   LoadStored(transaction, project_id, definitions, Beside::kWhatTheyRead));
  Faults faults;
  CheckDefinitions(definitions, stored, faults);
  RETURN_IF_ERROR(faults.ToStatus());
  ImportChange change = ClassifyImport(definitions, stored, true).metrics.front();
  const bool newest_is_served = change.served_version == 0;
  return Promotion{std::move(definitions.metrics.front().definition),
                   std::move(newest_is_served ? change.changes : change.served_changes)};
}

absl::Status MarkDeleted(pg::Transaction& transaction, int32_t project_id,
                         const StoredEntry& entry) {
  const std::string id = entry.latest.id();
  const pg::Params reads = pg::Params().Add(project_id).Add(id);
  ASSIGN_OR_RETURN(const pg::Result rows, transaction.Execute(kSelectDependents, reads));
  std::vector<std::string> dependents;
  for (const pg::Row row : rows) dependents.emplace_back(row.Text(0));
  if (!dependents.empty()) return MetricHasDependents(id, dependents);
  ASSIGN_OR_RETURN(const int64_t revision, BumpRevision(transaction, project_id));
  const std::string etag = EtagOf(entry.latest, entry.active, entry.latest.latest_version,
                                  entry.latest.active_version, true);
  const pg::Params params = pg::Params().Add(project_id).Add(revision).Add(id).Add(etag);
  return transaction.Execute(kDeleteMetric, params).status();
}

// The definition of that version: the newest with its words, others as they were made.
absl::StatusOr<MetricDefinition> VersionOf(pg::Transaction& transaction, int32_t project_id,
                                           const StoredEntry& entry, int version) {
  if (version == entry.latest.latest_version) return entry.latest;
  const std::string id = entry.latest.id();
  const pg::Params params = pg::Params().Add(project_id).Add(id).Add(version + 1).Add(int64_t{1});
  ASSIGN_OR_RETURN(const pg::Result rows, transaction.Execute(kSelectVersionPage, params));
  if (rows.empty() || rows.Single().Int32(1) != version) return VersionNotFound(id, version);
  return MetricFromJson(rows.Single().Text(8));
}

// What it changes for readers.
absl::StatusOr<std::vector<FieldChange>> Activate(pg::Transaction& transaction, int32_t project_id,
                                                  const StoredEntry& entry, int version) {
  ASSIGN_OR_RETURN(const MetricDefinition wanted,
                   VersionOf(transaction, project_id, entry, version));
  ASSIGN_OR_RETURN(Promotion promotion, CheckPromotion(transaction, project_id, wanted));
  const MetricDefinition& bound = promotion.bound;
  const int latest_version = entry.latest.latest_version;
  const MetricDefinition& latest = version == latest_version ? bound : entry.latest;
  const std::string etag = EtagOf(latest, bound, latest_version, version, false);
  ASSIGN_OR_RETURN(const int64_t revision, BumpRevision(transaction, project_id));
  pg::Params params;
  params.Add(project_id).Add(revision).Add(bound.id()).Add(version);
  params.Add(MetricToJson(bound)).Add(etag);
  RETURN_IF_ERROR(transaction.Execute(kPromoteVersion, params).status());
  StoredEffects effects;
  effects.served = {{bound.id(), version}};
  RETURN_IF_ERROR(WriteStoredEffects(transaction, project_id, effects));
  return std::move(promotion.changes);
}

}  // namespace

absl::StatusOr<MetricDefinition> MetricEditor::Create(int32_t project_id,
                                                      const MetricDefinition& metric,
                                                      const WriteOptions& options,
                                                      const CallBounds& bounds) {
  const std::string id = metric.id();
  MetricDefinition created;
  const auto read = [&](pg::Transaction& transaction, std::string_view) -> absl::Status {
    ASSIGN_OR_RETURN(StoredEntry entry, GetEntry(transaction, project_id, id));
    created = std::move(entry.active);
    return absl::OkStatus();
  };
  const auto create = [&](pg::Transaction& transaction,
                          TestLedger& tests) -> absl::StatusOr<std::string> {
    ASSIGN_OR_RETURN(const auto there, FindEntry(transaction, project_id, id));
    if (there.has_value() && there->active.delete_time.has_value()) {
      return MetricDeleted(absl::StatusCode::kAlreadyExists, id);
    }
    if (there.has_value()) return MetricExists(id, there->active.etag);
    RETURN_IF_ERROR(Store(transaction, project_id, metric, options, tests).status());
    RETURN_IF_ERROR(read(transaction, ""));
    return kNothingMore;
  };
  const CatalogWrite what{project_id, "create_metric", options};
  const bool look_first = !metric.tests.empty() && !options.skip_tests;
  RETURN_IF_ERROR(RunTestedWrite(pool_, what, tests_, look_first, bounds, create, read));
  return created;
}

absl::StatusOr<UpdateOutcome> MetricEditor::Update(int32_t project_id,
                                                   const MetricDefinition& metric,
                                                   const std::vector<std::string>& mask,
                                                   const WriteOptions& options,
                                                   const CallBounds& bounds) {
  const std::string id = metric.id();
  UpdateOutcome outcome;
  const auto update = [&](pg::Transaction& transaction,
                          TestLedger& tests) -> absl::StatusOr<std::string> {
    ASSIGN_OR_RETURN(const StoredEntry before, GetPresent(transaction, project_id, id, options));
    MetricDefinition wanted = before.latest;
    CopyFields(metric, mask, wanted);
    ASSIGN_OR_RETURN(CheckedImport done, Store(transaction, project_id, wanted, options, tests));
    outcome.changes = std::move(done.changes.metrics.front().changes);
    ASSIGN_OR_RETURN(StoredEntry after, GetEntry(transaction, project_id, id));
    outcome.metric = std::move(after.latest);
    return ChangesAnswer(outcome.changes);
  };
  const auto repeat = [&](pg::Transaction& transaction, std::string_view answer) -> absl::Status {
    ASSIGN_OR_RETURN(outcome.changes, ChangesFrom(answer));
    ASSIGN_OR_RETURN(StoredEntry entry, GetEntry(transaction, project_id, id));
    outcome.metric = std::move(entry.latest);
    return absl::OkStatus();
  };
  const CatalogWrite what{project_id, "update_metric", options};
  // Whether the metric has tests shows in the transaction; if so, it begins again after them.
  RETURN_IF_ERROR(RunTestedWrite(pool_, what, tests_, false, bounds, update, repeat));
  return outcome;
}

absl::StatusOr<MetricDefinition> MetricEditor::Delete(int32_t project_id, const std::string& id,
                                                      const WriteOptions& options,
                                                      const CallBounds& bounds) {
  MetricDefinition deleted;
  const auto read = [&](pg::Transaction& transaction, std::string_view) -> absl::Status {
    ASSIGN_OR_RETURN(StoredEntry entry, GetEntry(transaction, project_id, id));
    deleted = std::move(entry.active);
    return absl::OkStatus();
  };
  const auto remove = [&](pg::Transaction& transaction) -> absl::StatusOr<std::string> {
    ASSIGN_OR_RETURN(const StoredEntry entry, GetPresent(transaction, project_id, id, options));
    RETURN_IF_ERROR(MarkDeleted(transaction, project_id, entry));
    RETURN_IF_ERROR(read(transaction, ""));
    return kNothingMore;
  };
  const CatalogWrite what{project_id, "delete_metric", options};
  RETURN_IF_ERROR(RunCatalogWrite(pool_, what, bounds, remove, read));
  return deleted;
}

absl::StatusOr<MetricDefinition> MetricEditor::Undelete(int32_t project_id, const std::string& id,
                                                        const WriteOptions& options,
                                                        const CallBounds& bounds) {
  MetricDefinition restored;
  const auto read = [&](pg::Transaction& transaction, std::string_view) -> absl::Status {
    ASSIGN_OR_RETURN(StoredEntry entry, GetEntry(transaction, project_id, id));
    restored = std::move(entry.active);
    return absl::OkStatus();
  };
  const auto restore = [&](pg::Transaction& transaction) -> absl::StatusOr<std::string> {
    ASSIGN_OR_RETURN(const StoredEntry entry, GetEntry(transaction, project_id, id));
    if (!entry.latest.delete_time.has_value()) return MetricNotDeleted(id);
    RETURN_IF_ERROR(CheckEtag(entry, options));
    WriteOptions as_it_was = options;
    as_it_was.skip_tests = true;
    as_it_was.promote = false;
    TestLedger no_tests;
    RETURN_IF_ERROR(Store(transaction, project_id, entry.latest, as_it_was, no_tests).status());
    RETURN_IF_ERROR(read(transaction, ""));
    return kNothingMore;
  };
  const CatalogWrite what{project_id, "undelete_metric", options};
  RETURN_IF_ERROR(RunCatalogWrite(pool_, what, bounds, restore, read));
  return restored;
}

absl::StatusOr<PromoteOutcome> MetricEditor::Promote(int32_t project_id, const std::string& id,
                                                     int version, const WriteOptions& options,
                                                     const CallBounds& bounds) {
  PromoteOutcome outcome;
  const auto read = [&](pg::Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(StoredEntry entry, GetEntry(transaction, project_id, id));
    outcome.metric = std::move(entry.active);
    return absl::OkStatus();
  };
  const auto promote = [&](pg::Transaction& transaction) -> absl::StatusOr<std::string> {
    ASSIGN_OR_RETURN(const StoredEntry entry, GetPresent(transaction, project_id, id, options));
    const int wanted = version == 0 ? entry.latest.latest_version : version;
    outcome = {};
    outcome.previous_version = entry.active.version;
    if (wanted != entry.active.version) {
      ASSIGN_OR_RETURN(outcome.changes, Activate(transaction, project_id, entry, wanted));
    }
    RETURN_IF_ERROR(read(transaction));
    return PromotionAnswer(outcome);
  };
  const auto repeat = [&](pg::Transaction& transaction, std::string_view answer) -> absl::Status {
    ASSIGN_OR_RETURN(outcome, PromotionFrom(answer));
    return read(transaction);
  };
  const CatalogWrite what{project_id, "promote_version", options};
  RETURN_IF_ERROR(RunCatalogWrite(pool_, what, bounds, promote, repeat));
  return outcome;
}

}  // namespace metricstore::registry
