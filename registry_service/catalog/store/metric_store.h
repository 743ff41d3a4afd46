// Reads stored metric definitions from PostgreSQL: any version, and those that patterns name.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/pg/pool.h"
#include "common/time/cancellation.h"
#include "registry_service/catalog/definition/metric_definition.h"

namespace metricstore::registry {

// Names one version of a metric; version 0 is the active one.
struct MetricName {
  std::string name;  // id "category/name", or a bare name that one category has
  int version = 0;
};

// A version as it was made.
struct StoredVersion {
  MetricDefinition definition;  // with the metric's etag and times
  absl::Time create_time;       // of the version
};

// Thread-safe; keeps nothing. The pool must outlive it. The active and the newest version come with
// the words that they have now. Deleted metrics are found by their ids only.
class MetricStore {
 public:
  explicit MetricStore(pg::Pool& pool) : pool_(pool) {}

  // NOT_FOUND (METRIC_NOT_FOUND, metadata metric and, if a similar one exists, suggestion;
  // METRIC_VERSION_NOT_FOUND, metadata metric and version), INVALID_ARGUMENT (METRIC_AMBIGUOUS,
  // metadata metric and candidates), or the errors of pg::Pool::Run.
  absl::StatusOr<MetricDefinition> Get(int32_t project_id, const MetricName& name,
                                       const CallBounds& bounds);

  // One for each name, in that order, all from one snapshot. Errors as Get.
  absl::StatusOr<std::vector<MetricDefinition>> BatchGet(int32_t project_id,
                                                         const std::vector<MetricName>& names,
                                                         const CallBounds& bounds);

  // The active versions, or with `latest` the newest, of metrics that any of the patterns matches,
  // by id, each once. A pattern is matched against ids if it has a slash, else against bare names;
  // `*` stands for any text, `?` for one character. INVALID_ARGUMENT (FIELD_INVALID, field metrics)
  // for a pattern of more than 200 bytes, NOT_FOUND (METRIC_NOT_FOUND, metadata metric) for one
  // that matches nothing, or the errors of pg::Pool::Run.
  absl::StatusOr<std::vector<MetricDefinition>> MatchGlobs(int32_t project_id,
                                                           const std::vector<std::string>& globs,
                                                           bool latest, const CallBounds& bounds);

  // At most `limit` versions of a metric older than `before_version` (0: from the newest), newest
  // first, each as it was made. Errors as Get.
  absl::StatusOr<std::vector<StoredVersion>> ListVersions(int32_t project_id,
                                                          const std::string& name,
                                                          int before_version, int64_t limit,
                                                          const CallBounds& bounds);

 private:
  pg::Pool& pool_;
};

}  // namespace metricstore::registry
