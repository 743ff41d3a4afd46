// What several commands say of a metric, and how they find the one that is meant.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "absl/status/statusor.h"
#include "cli/core/invocation.h"
#include "metricstore/registry/v1/metric.pb.h"

namespace metricstore::cli {

std::string TypeText(const registry::v1::Metric& metric);
std::string GrainText(const registry::v1::Metric& metric);

// "1", "1 (v2 pending)", "1 (deleted)".
std::string VersionText(const registry::v1::Metric& metric);

// The table that it reads, or the tables that its SELECTs read.
std::string TableText(const registry::v1::Metric& metric);

// Declares the positional that names a metric.
CLI::Option* AddMetricName(CLI::App& command, std::string& name);

// The metric as GetMetric tells it: by id or bare name; version 0 is the active one.
absl::StatusOr<registry::v1::Metric> GetMetric(Invocation& invocation, const std::string& name,
                                               int version = 0);

// The id that `name` (an id, or a name that one category alone has) stands for. The registry's
// errors.
absl::StatusOr<std::string> ResolveMetricId(Invocation& invocation, const std::string& name);

}  // namespace metricstore::cli
