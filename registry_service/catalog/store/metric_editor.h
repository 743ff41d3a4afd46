// Single writes to the catalogue: create, update, delete, undelete, promote.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/pg/pool.h"
#include "common/time/cancellation.h"
#include "registry_service/catalog/definition/field_change.h"
#include "registry_service/catalog/definition/metric_definition.h"
#include "registry_service/catalog/store/metric_test_runner.h"

namespace metricstore::registry {

// What every write may say beside what it does.
struct WriteOptions {
  std::string request_id;      // "": none
  std::string request_sha256;  // of the request without its id; raw bytes
  std::string etag;            // "": any state
  bool validate_only = false;
  bool skip_tests = false;  // create, update, import
  bool promote = false;     // update, import
};

// What an update did.
struct UpdateOutcome {
  MetricDefinition metric;  // the newest version
  std::vector<FieldChange> changes;
};

// What a promotion did.
struct PromoteOutcome {
  MetricDefinition metric;  // the active version
  int previous_version = 0;
  std::vector<FieldChange> changes;  // from that version to the active one
};

// Thread-safe; keeps nothing. Writes of one project take turns with imports. What it is made of
// must outlive it. Every method: errors of pg::Pool::Run; ALREADY_EXISTS (REQUEST_ID_REUSED);
// ABORTED (ETAG_MISMATCH, metadata metric, etag); NOT_FOUND (METRIC_NOT_FOUND), but for Create. A
// request id that was done answers with the metric as it is now. Faults of definitions are
// INVALID_ARGUMENT with one violation for each, named "metric.<field>" (reasons as an import's).
class MetricEditor {
 public:
  MetricEditor(pg::Pool& pool, MetricTestRunner& tests) : pool_(pool), tests_(tests) {}

  // ALREADY_EXISTS (METRIC_EXISTS, metadata metric, etag; METRIC_DELETED).
  absl::StatusOr<MetricDefinition> Create(int32_t project_id, const MetricDefinition& metric,
                                          const WriteOptions& options, const CallBounds& bounds);
  // Sets the fields of `mask` (names of proto Metric; checked by the edge) of the newest version.
  // FAILED_PRECONDITION (METRIC_DELETED).
  absl::StatusOr<UpdateOutcome> Update(int32_t project_id, const MetricDefinition& metric,
                                       const std::vector<std::string>& mask,
                                       const WriteOptions& options, const CallBounds& bounds);
  // FAILED_PRECONDITION (METRIC_DELETED; METRIC_HAS_DEPENDENTS, metadata dependents).
  absl::StatusOr<MetricDefinition> Delete(int32_t project_id, const std::string& id,
                                          const WriteOptions& options, const CallBounds& bounds);
  // FAILED_PRECONDITION (METRIC_NOT_DELETED); INVALID_ARGUMENT where its ground is gone.
  absl::StatusOr<MetricDefinition> Undelete(int32_t project_id, const std::string& id,
                                            const WriteOptions& options, const CallBounds& bounds);
  // Version 0 is the newest. NOT_FOUND (METRIC_VERSION_NOT_FOUND), FAILED_PRECONDITION
  // (METRIC_DELETED).
  absl::StatusOr<PromoteOutcome> Promote(int32_t project_id, const std::string& id, int version,
                                         const WriteOptions& options, const CallBounds& bounds);

 private:
  pg::Pool& pool_;
  MetricTestRunner& tests_;
};

}  // namespace metricstore::registry
