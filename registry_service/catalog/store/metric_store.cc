#include "registry_service/catalog/store/metric_store.h"

#include <map>
#include <set>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "registry_service/catalog/definition/excerpt.h"
#include "registry_service/catalog/definition/metric_glob.h"
#include "registry_service/catalog/definition/metric_json.h"
#include "registry_service/catalog/store/metric_statements.h"

namespace metricstore::registry {
namespace {

// An id and its bare name.
using IdAndName = std::pair<std::string, std::string>;

absl::StatusOr<std::vector<IdAndName>> AllNames(pg::Transaction& transaction, int32_t project_id) {
  const pg::Params params = pg::Params().Add(project_id);
  ASSIGN_OR_RETURN(const pg::Result rows, transaction.Execute(kSelectMetricNames, params));
  std::vector<IdAndName> names;
  for (const pg::Row row : rows) names.emplace_back(row.Text(0), row.Text(1));
  return names;
}

absl::Status MetricNotFound(const std::string& name, const std::vector<IdAndName>& known,
                            const std::string& message) {
  const bool bare = name.find('/') == std::string::npos;
  std::vector<std::string> candidates;
  for (const auto& [id, bare_name] : known) candidates.push_back(bare ? bare_name : id);
  const std::string suggestion = status::ClosestMatch(name, candidates);
  const std::string question =
      suggestion.empty() ? "" : absl::StrCat("; did you mean \"", suggestion, "\"?");
  status::ErrorBuilder error(absl::StatusCode::kNotFound, "METRIC_NOT_FOUND",
                             absl::StrCat(message, question));
  error.Metadata("metric", name);
  if (!suggestion.empty()) error.Metadata("suggestion", suggestion);
  return error.Build();
}

absl::Status MetricAmbiguous(const std::string& name, const std::vector<std::string>& ids) {
  const std::string candidates = absl::StrJoin(ids, ", ");
  return status::ErrorBuilder(
             absl::StatusCode::kInvalidArgument, "METRIC_AMBIGUOUS",
             absl::StrCat("several metrics are named \"", Excerpt(name), "\": ", candidates))
      .Metadata("metric", name)
      .Metadata("candidates", candidates)
      .Build();
}

absl::Status VersionNotFound(const std::string& id, int version) {
  return status::ErrorBuilder(absl::StatusCode::kNotFound, "METRIC_VERSION_NOT_FOUND",
                              absl::StrCat("metric \"", Excerpt(id), "\" has no version ", version))
      .Metadata("metric", id)
      .Metadata("version", absl::StrCat(version))
      .Build();
}

absl::StatusOr<MetricDefinition> MetricFrom(const pg::Row& row) {
  ASSIGN_OR_RETURN(MetricDefinition metric, MetricFromJson(row.Text(5)));
  metric.version = row.Int32(1);
  metric.active_version = row.Int32(2);
  metric.etag = EtagOf(metric, metric.version);
  metric.create_time = row.Time(3);
  metric.update_time = row.Time(4);
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
      return MetricNotFound(name.name, known,
                            absl::StrCat("no metric is named \"", Excerpt(name.name), "\""));
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
    ASSIGN_OR_RETURN(MetricDefinition metric, MetricFrom(row));
    if (metric.version == metric.active_version) found[{metric.id(), 0}] = metric;
    found[{metric.id(), metric.version}] = std::move(metric);
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
    if (!fits)
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
  for (const MetricName& name : names) versions.push_back(name.version);
  std::vector<MetricDefinition> metrics;
  const auto read = [&](pg::Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(const auto ids, ResolveIds(transaction, project_id, names));
    ASSIGN_OR_RETURN(metrics, LoadVersions(transaction, project_id, ids, versions));
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(pool_.Run(bounds, pg::TransactionMode::kReadOnlySnapshot, read));
  return metrics;
}

absl::StatusOr<MetricPage> MetricStore::List(int32_t project_id, std::string_view category,
                                             std::string_view after_id, int64_t limit,
                                             const CallBounds& bounds) {
  MetricPage page;
  const auto read = [&](pg::Transaction& transaction) -> absl::Status {
    page = MetricPage();
    const pg::Params filter = pg::Params().Add(project_id).Add(category);
    ASSIGN_OR_RETURN(const pg::Result count, transaction.Execute(kCountMetrics, filter));
    page.total = count.Single().Int64(0);
    const pg::Params params = pg::Params().Add(project_id).Add(category).Add(after_id).Add(limit);
    ASSIGN_OR_RETURN(const pg::Result rows, transaction.Execute(kSelectMetricPage, params));
    for (const pg::Row row : rows) {
      ASSIGN_OR_RETURN(MetricDefinition metric, MetricFrom(row));
      page.metrics.push_back(std::move(metric));
    }
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(pool_.Run(bounds, pg::TransactionMode::kReadOnlySnapshot, read));
  return page;
}

absl::StatusOr<std::vector<MetricDefinition>> MetricStore::MatchGlobs(
    int32_t project_id, const std::vector<std::string>& globs, const CallBounds& bounds) {
  RETURN_IF_ERROR(CheckGlobs(globs));
  std::vector<MetricDefinition> metrics;
  const auto read = [&](pg::Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(const auto known, AllNames(transaction, project_id));
    ASSIGN_OR_RETURN(const auto ids, MatchIds(known, globs));
    const std::vector<int32_t> active(ids.size(), 0);
    ASSIGN_OR_RETURN(metrics, LoadVersions(transaction, project_id, ids, active));
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(pool_.Run(bounds, pg::TransactionMode::kReadOnlySnapshot, read));
  return metrics;
}

}  // namespace metricstore::registry
