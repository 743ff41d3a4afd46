// The refusals that readers and writers of metrics share.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"

namespace metricstore::registry {

// An id and its bare name.
using IdAndName = std::pair<std::string, std::string>;

// NOT_FOUND (METRIC_NOT_FOUND, metadata metric, suggestion) for an id, a bare name or a pattern,
// with a suggestion out of `known`.
absl::Status MetricNotFound(const std::string& name, const std::vector<IdAndName>& known,
                            const std::string& message);
// The same for a name: "no metric is named ...".
absl::Status MetricNotFound(const std::string& name, const std::vector<IdAndName>& known);
// INVALID_ARGUMENT (METRIC_AMBIGUOUS, metadata metric, candidates).
absl::Status MetricAmbiguous(const std::string& name, const std::vector<std::string>& ids);
// NOT_FOUND (METRIC_VERSION_NOT_FOUND, metadata metric, version).
absl::Status VersionNotFound(const std::string& id, int version);
// ALREADY_EXISTS (METRIC_EXISTS, metadata metric, etag).
absl::Status MetricExists(const std::string& id, const std::string& etag);
// `code` with METRIC_DELETED, metadata metric.
absl::Status MetricDeleted(absl::StatusCode code, const std::string& id);
// FAILED_PRECONDITION (METRIC_NOT_DELETED, metadata metric).
absl::Status MetricNotDeleted(const std::string& id);
// FAILED_PRECONDITION (METRIC_HAS_DEPENDENTS, metadata metric, dependents).
absl::Status MetricHasDependents(const std::string& id, const std::vector<std::string>& dependents);
// ABORTED (ETAG_MISMATCH, metadata metric, etag: the current one).
absl::Status EtagMismatch(const std::string& id, const std::string& etag);

}  // namespace metricstore::registry
