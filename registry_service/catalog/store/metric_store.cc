#include "registry_service/catalog/store/metric_store.h"

#include <limits>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "registry_service/catalog/definition/excerpt.h"
#include "registry_service/catalog/definition/metric_glob.h"
#include "registry_service/catalog/definition/metric_json.h"
#include "registry_service/catalog/store/metric_errors.h"
#include "registry_service/catalog/store/metric_statements.h"

namespace metricstore::registry {
namespace {

// What kSelectMetricVersions takes for a version.
constexpr int32_t kActive = 0;
constexpr int32_t kNewest = -1;

absl::StatusOr<std::vector<IdAndName>> AllNames(pg::Transaction& transaction, int32_t project_id) {
  const pg::Params params = pg::Params().Add(project_id);
  ASSIGN_OR_RETURN(const pg::Result rows, transaction.Execute(kSelectMetricNames, params));
  std::vector<IdAndName> names;
  for (const pg::Row row : rows) names.emplace_back(row.Text(0), row.Text(1));
  return names;
}

absl::StatusOr<MetricDefinition> MetricFrom(const pg::Row& row) {
  ASSIGN_OR_RETURN(MetricDefinition metric, MetricFromJson(row.Text(8)));
  metric.version = row.Int32(1);
  metric.active_version = row.Int32(2);
  metric.latest_version = row.Int32(3);
  metric.etag = row.Text(4);
  metric.create_time = row.Time(5);
  metric.update_time = row.Time(6);
  metric.delete_time = row.OptionalTime(7);
  return metric;
}

// The ids that `names` stand for, in their order.
absl::StatusOr<std::vector<std::string>> ResolveIds(pg::Transaction& transaction,
                                                    int32_t project_id,
                                                    const std::vector<MetricName>& names) {
  std::set<std::string> distinct;
  for (const MetricName& name : names) distinct.insert(name.name);
  const std::vector<std::string> asked(distinct.begin(), distinct.end());
  const pg::Params params = pg::Params().Add(project_id).AddArray(asked);
  ASSIGN_OR_RETURN(const pg::Result rows, transaction.Execute(kResolveMetricNames, params));
  std::map<std::string, std::vector<std::string>> found;
  for (const pg::Row row : rows) found[std::string(row.Text(0))].emplace_back(row.Text(1));
  std::vector<std::string> ids;
  for (const MetricName& name : names) {
    const std::vector<std::string>& fits = found[name.name];
    if (fits.empty()) {
      ASSIGN_OR_RETURN(const auto known, AllNames(transaction, project_id));
      return MetricNotFound(name.name, known);
    }
    if (fits.size() > 1) return MetricAmbiguous(name.name, fits);
    ids.push_back(fits.front());
  }
  return ids;
}

absl::StatusOr<std::vector<MetricDefinition>> LoadVersions(pg::Transaction& transaction,
                                                           int32_t project_id,
                                                           const std::vector<std::string>& ids,
                                                           const std::vector<int32_t>& versions) {
  const pg::Params params = pg::Params().Add(project_id).AddArray(ids).AddArray(versions);
  ASSIGN_OR_RETURN(const pg::Result rows, transaction.Execute(kSelectMetricVersions, params));
  std::map<std::pair<std::string, int>, MetricDefinition> found;
  for (const pg::Row row : rows) {
    if (row.IsNull(8)) continue;
    ASSIGN_OR_RETURN(found[std::pair(std::string(row.Text(0)), row.Int32(9))], MetricFrom(row));
  }
  std::vector<MetricDefinition> metrics;
  for (size_t i = 0; i < ids.size(); ++i) {
    const auto metric = found.find({ids[i], versions[i]});
    if (metric == found.end()) return VersionNotFound(ids[i], versions[i]);
    metrics.push_back(metric->second);
  }
  return metrics;
}

// A pattern is longer than what it fits only by its stars, so few that matching stays cheap.
constexpr size_t kMaxGlobBytes = 200;

absl::Status CheckGlobs(const std::vector<std::string>& globs) {
  for (const std::string& glob : globs) {
    if (glob.size() <= kMaxGlobBytes) continue;
    return status::FieldInvalid("metrics", Excerpt(glob),
                                absl::StrCat("must be at most ", kMaxGlobBytes, " bytes each"));
  }
  return absl::OkStatus();
}

// The ids that any of the patterns fits, in order.
absl::StatusOr<std::vector<std::string>> MatchIds(const std::vector<IdAndName>& known,
                                                  const std::vector<std::string>& globs) {
  std::set<std::string> ids;
  for (const std::string& glob : globs) {
    const bool bare = glob.find('/') == std::string::npos;
    bool fits = false;
    for (const auto& [id, name] : known) {
      if (!MatchesGlob(glob, bare ? name : id)) continue;
      ids.insert(id);
      fits = true;
    }
    if (fits) continue;
    return MetricNotFound(glob, known, absl::StrCat("no metric fits \"", Excerpt(glob), "\""));
  }
  return std::vector<std::string>(ids.begin(), ids.end());
}

}  // namespace

absl::StatusOr<MetricDefinition> MetricStore::Get(int32_t project_id, const MetricName& name,
                                                  const CallBounds& bounds) {
  ASSIGN_OR_RETURN(std::vector<MetricDefinition> metrics, BatchGet(project_id, {name}, bounds));
  return std::move(metrics.front());
}

absl::StatusOr<std::vector<MetricDefinition>> MetricStore::BatchGet(
    int32_t project_id, const std::vector<MetricName>& names, const CallBounds& bounds) {
  std::vector<int32_t> versions;
  for (const MetricName& name : names) {
    if (name.version < 0) return VersionNotFound(name.name, name.version);
    versions.push_back(name.version);
  }
  std::vector<MetricDefinition> metrics;
  const auto read = [&](pg::Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(const auto ids, ResolveIds(transaction, project_id, names));
    ASSIGN_OR_RETURN(metrics, LoadVersions(transaction, project_id, ids, versions));
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(pool_.Run(bounds, pg::TransactionMode::kReadOnlySnapshot, read));
  return metrics;
}

absl::StatusOr<std::vector<MetricDefinition>> MetricStore::MatchGlobs(
    int32_t project_id, const std::vector<std::string>& globs, bool latest,
    const CallBounds& bounds) {
  RETURN_IF_ERROR(CheckGlobs(globs));
  std::vector<MetricDefinition> metrics;
  const auto read = [&](pg::Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(const auto known, AllNames(transaction, project_id));
    ASSIGN_OR_RETURN(const auto ids, MatchIds(known, globs));
    const std::vector<int32_t> versions(ids.size(), latest ? kNewest : kActive);
    ASSIGN_OR_RETURN(metrics, LoadVersions(transaction, project_id, ids, versions));
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(pool_.Run(bounds, pg::TransactionMode::kReadOnlySnapshot, read));
  return metrics;
}

absl::StatusOr<std::vector<StoredVersion>> MetricStore::ListVersions(int32_t project_id,
                                                                     const std::string& name,
                                                                     int before_version,
                                                                     int64_t limit,
                                                                     const CallBounds& bounds) {
  const int32_t before = before_version == 0 ? std::numeric_limits<int32_t>::max() : before_version;
  std::vector<StoredVersion> versions;
  const auto read = [&](pg::Transaction& transaction) -> absl::Status {
    versions.clear();
    ASSIGN_OR_RETURN(const auto ids, ResolveIds(transaction, project_id, {{name, 0}}));
    const pg::Params params = pg::Params().Add(project_id).Add(ids[0]).Add(before).Add(limit);
    ASSIGN_OR_RETURN(const pg::Result rows, transaction.Execute(kSelectVersionPage, params));
    for (const pg::Row row : rows) {
      ASSIGN_OR_RETURN(MetricDefinition definition, MetricFrom(row));
      versions.push_back({std::move(definition), row.Time(9)});
    }
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(pool_.Run(bounds, pg::TransactionMode::kReadOnlySnapshot, read));
  return versions;
}

}  // namespace metricstore::registry
