// The options that say what a metric is: those of metrics create and update.
#pragma once

#include <CLI/CLI.hpp>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "cli/output/terminal.h"
#include "metricstore/registry/v1/metric.pb.h"

namespace metricstore::cli {

// Values as given, by field of registry.v1.Metric. A field that was not named on the command line
// is in none of the maps.
struct MetricFieldValues {
  std::map<std::string, std::string> texts;
  std::map<std::string, std::vector<std::string>> lists;
  std::string type;
  std::string grain;
  std::string window;
  std::string timeframe;
  std::string alignment;
  std::string sql_file;
  std::vector<std::string> sql_variant_files;  // NAME=FILE
  std::vector<std::string> cleared;            // as given to --clear
};

// Declares an option for each field; `values` must outlive the app.
void AddMetricFieldOptions(CLI::App& command, const std::shared_ptr<MetricFieldValues>& values);

// Sets the given fields of `metric` and returns their names, those to be cleared too.
// INVALID_ARGUMENT (UsageError) for a value of no known form or a field that is given and cleared;
// errors of reading the files.
absl::StatusOr<std::vector<std::string>> SetMetricFields(const MetricFieldValues& values,
                                                         const Terminal& terminal,
                                                         registry::v1::Metric& metric);

}  // namespace metricstore::cli
