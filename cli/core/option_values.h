// Values of options as people write them, with our own words where one is wrong.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <limits>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "cli/output/table_printer.h"
#include "metricstore/registry/v1/metric.pb.h"

namespace metricstore::cli {

// Accepts whole numbers from `least` to `most` only.
CLI::Option* WholeNumber(CLI::Option* option, int64_t least = 1,
                         int64_t most = std::numeric_limits<int32_t>::max());

// The span that --timeout gives a call. INVALID_ARGUMENT (UsageError) for anything else.
absl::StatusOr<absl::Duration> ParseTimeout(const std::string& text);

// The grain of that name, or unspecified for "". INVALID_ARGUMENT (UsageError) for anything else.
absl::StatusOr<registry::v1::Grain> ParseGrainOption(const std::string& name);

// INVALID_ARGUMENT (UsageError) if `format` is CSV, which `command` does not print.
absl::Status RefuseCsv(OutputFormat format, const std::string& command);

}  // namespace metricstore::cli
