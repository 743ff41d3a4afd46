// The metrics that requests name or bring along.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "common/time/iso8601.h"
#include "compute_service/evaluation/preview.h"
#include "metricstore/common/v1/interval.pb.h"
#include "metricstore/compute/v1/compute_service.pb.h"

namespace metricstore::compute {

// `path` is the metric's field: "metrics[2]". INVALID_ARGUMENT, told by fields under it:
// FIELD_REQUIRED, FIELD_INVALID, NOT_SUPPORTED.
absl::StatusOr<PreviewMetric> ToPreviewMetric(const v1::EvaluatedMetric& proto,
                                              const std::string& path);

// INVALID_ARGUMENT: FIELD_REQUIRED, FIELD_INVALID (dates.start_date, dates.end_date, dates),
// INTERVAL_REVERSED.
absl::StatusOr<DateRange> ToDates(const common::v1::DateInterval& proto);

}  // namespace metricstore::compute
