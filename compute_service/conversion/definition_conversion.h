// Messages that define metrics, datasets and calendars as the plain values that compute works with.
#pragma once

#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/calendar/calendar.h"
#include "common/time/grain.h"
#include "compute_service/definition/definitions.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/timestamp.pb.h"
#include "metricstore/registry/v1/calendar.pb.h"
#include "metricstore/registry/v1/dataset.pb.h"
#include "metricstore/registry/v1/metric.pb.h"

namespace metricstore::compute {

// All return INVALID_ARGUMENT for what this release does not know: an enum value added later
// (FIELD_INVALID), a form of metric that is not computed (NOT_SUPPORTED).
absl::StatusOr<Grain> ToGrain(std::string_view field, registry::v1::Grain proto);
absl::StatusOr<MetricDefinition> ToMetricDefinition(const registry::v1::Metric& proto);
// A definition that came with a request: its id is that of its category and name, its version 0.
// Also FIELD_REQUIRED and FIELD_INVALID for these two.
absl::StatusOr<MetricDefinition> ToGivenDefinition(const registry::v1::Metric& proto);
absl::StatusOr<Dataset> ToDataset(const registry::v1::Dataset& proto);
absl::StatusOr<calendar::CalendarSpec> ToCalendarSpec(const registry::v1::Calendar& proto);

google::protobuf::Duration ToProto(absl::Duration duration);
// Microseconds are kept, the unit of all stored time.
google::protobuf::Timestamp ToProto(absl::Time time);

}  // namespace metricstore::compute
