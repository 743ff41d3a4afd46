// metricctl trend: the stored points of a metric.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "cli/core/bucket_text.h"
#include "cli/core/command.h"
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

absl::StatusOr<int> RunTrend(Invocation& invocation, const TrendOptions& options);

// Writes pages of points in one format: CSV and JSON as they come, a table at the end. Not
// thread-safe.
class TrendWriter {
 public:
  // How a table shows the start of a bucket: metric, grain, instant.
  using StartText = std::function<std::string(const std::string&, registry::v1::Grain, absl::Time)>;

  TrendWriter(OutputFormat format, std::ostream& out, StartText start_text)
      : format_(format), out_(out), start_text_(std::move(start_text)) {}

  void Add(const registry::v1::QueryTrendResponse& page);
  // Writes what must come last. Call it once, after the last page.
  void Finish();
  int64_t points() const { return points_; }
  // Whose series were there, with or without points.
  const std::set<std::string>& entities() const { return entities_; }

 private:
  void AddPoint(std::vector<std::string> cells);

  OutputFormat format_;
  std::ostream& out_;
  StartText start_text_;
  int64_t points_ = 0;
  std::set<std::string> entities_;
  std::vector<std::vector<std::string>> rows_;  // for a table
  std::string title_;
};

}  // namespace metricstore::cli
