// An explanation of one value as people read it.
#pragma once

#include <ostream>
#include <string>

#include "absl/status/status.h"
#include "cli/core/bucket_text.h"
#include "metricstore/compute/v1/compute_service.pb.h"

namespace metricstore::cli {

// Value, definition, window with its instants in UTC and local time, rows, parts and plan, each
// section only where there is something in it. INVALID_ARGUMENT (BATCH_INVALID) for rows that
// cannot be read.
absl::Status PrintExplanation(const compute::v1::ExplainMetricResponse& answer,
                              const std::string& entity, MetricBuckets& buckets, std::ostream& out);

}  // namespace metricstore::cli
