// Messages of the registry as the plain values that compute works with.
#pragma once

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/calendar/calendar.h"
#include "compute_service/registry_client/definitions.h"
#include "compute_service/registry_client/shard.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/timestamp.pb.h"
#include "metricstore/registry/v1/backfill.pb.h"
#include "metricstore/registry/v1/calendar.pb.h"
#include "metricstore/registry/v1/dataset.pb.h"
#include "metricstore/registry/v1/metric.pb.h"

namespace metricstore::compute {

// All return INVALID_ARGUMENT for what this release does not know: an enum value added later
// (FIELD_INVALID), a form of metric without an expression (NOT_SUPPORTED).
absl::StatusOr<LeasedShard> ToLeasedShard(const registry::v1::LeasedShard& proto);
absl::StatusOr<MetricDefinition> ToMetricDefinition(const registry::v1::Metric& proto);
absl::StatusOr<Dataset> ToDataset(const registry::v1::Dataset& proto);
absl::StatusOr<calendar::CalendarSpec> ToCalendarSpec(const registry::v1::Calendar& proto);

google::protobuf::Duration ToProto(absl::Duration duration);
// Microseconds are kept, the unit of all stored time.
google::protobuf::Timestamp ToProto(absl::Time time);

}  // namespace metricstore::compute
