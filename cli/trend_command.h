// metricctl trend: the stored points of a metric.
#pragma once

#include <string>
#include <vector>

#include "cli/command.h"
#include "metricstore/registry/v1/query_service.pb.h"

namespace metricstore::cli {

struct TrendOptions {
  std::string metric;
  std::vector<std::string> entities;
  std::string from;
  std::string to;
  std::string grain;  // empty: the metric's own
  int version = 0;    // 0: the active one
};

void AddTrendCommand(CLI::App& app, ChosenCommand& chosen);

absl::StatusOr<int> RunTrend(Invocation& invocation, const TrendOptions& options);

// The grain of that name, or unspecified for "". INVALID_ARGUMENT (UsageError) for anything else.
absl::StatusOr<registry::v1::Grain> ParseGrainOption(const std::string& name);

// Writes pages of points in one format: CSV and JSON as they come, a table at the end. Not
// thread-safe.
class TrendWriter {
 public:
  TrendWriter(OutputFormat format, std::ostream& out) : format_(format), out_(out) {}

  void Add(const registry::v1::QueryTrendResponse& page);
  // Writes what must come last. Call it once, after the last page.
  void Finish();
  int64_t points() const { return points_; }

 private:
  void AddPoint(std::vector<std::string> cells);

  OutputFormat format_;
  std::ostream& out_;
  int64_t points_ = 0;
  std::vector<std::vector<std::string>> rows_;  // for a table
  std::string title_;
};

}  // namespace metricstore::cli
