// How sure somebody is of a column's description, as text and back.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "metricstore/registry/v1/dataset.pb.h"

namespace metricstore::cli {

// "0.9", or "" if nobody said.
std::string ConfidenceText(const registry::v1::ColumnMetadata& column);

// A number from 0 to 1. INVALID_ARGUMENT (UsageError) for anything else.
absl::StatusOr<double> ParseConfidence(const std::string& text);

}  // namespace metricstore::cli
