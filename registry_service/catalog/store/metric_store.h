// Reads stored metric definitions: active ones, old versions, and those that patterns name.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/pg/pool.h"
#include "common/time/cancellation.h"
#include "registry_service/catalog/definition/metric_definition.h"

namespace metricstore::registry {

// Names one version of a metric; version 0 is the active one.
struct MetricName {
  std::string name;  // id "category/name", or a bare name that one category has
  int version = 0;
};

// A page of metrics.
struct MetricPage {
  std::vector<MetricDefinition> metrics;  // active versions by id
  int64_t total = 0;                      // that fit on all pages
};

// Thread-safe; keeps nothing. The pool must outlive it.
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

  // At most `limit` metrics whose ids come after `after_id`, of that category or of all if it is
  // empty. Errors of pg::Pool::Run.
  absl::StatusOr<MetricPage> List(int32_t project_id, std::string_view category,
                                  std::string_view after_id, int64_t limit,
                                  const CallBounds& bounds);

  // The active versions that any of the patterns matches, by id, each once. A pattern is matched
  // against ids if it has a slash, else against bare names; `*` stands for any text, `?` for one
  // character. INVALID_ARGUMENT (FIELD_INVALID, field metrics) for a pattern of more than 200
  // bytes, NOT_FOUND (METRIC_NOT_FOUND, metadata metric) for one that matches nothing, or the
  // errors of pg::Pool::Run.
  absl::StatusOr<std::vector<MetricDefinition>> MatchGlobs(int32_t project_id,
                                                           const std::vector<std::string>& globs,
                                                           const CallBounds& bounds);

 private:
  pg::Pool& pool_;
};

}  // namespace metricstore::registry
