// A metric as people name it on the command line: NAME, or NAME@2 for a version.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "metricstore/registry/v1/catalog_service.pb.h"

namespace metricstore::cli {

// The name in `id`, which may be bare; version 0 where none is given. INVALID_ARGUMENT (UsageError)
// for a version that is no number from 1.
absl::StatusOr<registry::v1::MetricRef> ParseMetricRef(const std::string& text);

// The same for commands with an option --version beside it, 0 if that is not given.
// INVALID_ARGUMENT (UsageError) also where the two differ.
absl::StatusOr<registry::v1::MetricRef> ParseMetricRef(const std::string& text, int version);

}  // namespace metricstore::cli
