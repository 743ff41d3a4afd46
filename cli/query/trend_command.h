// metricctl trend: the stored points of a metric.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "cli/core/bucket_text.h"
#include "cli/core/command.h"
#include "cli/query/point_value.h"
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

// A point: its cells by the columns that programs know, without the last, and its value.
struct TrendRow {
  std::vector<std::string> cells;
  PointValue value;
};

// What the points of a series have in common.
struct PointsOrigin {
  std::string metric;
  int version = 0;  // 0: of a definition that is not stored
  registry::v1::Grain grain = registry::v1::GRAIN_UNSPECIFIED;
  std::string unit;
};

// Writes points in one format: CSV and JSON as they come, tables at the end, one for each metric,
// version and grain. Not thread-safe.
class TrendWriter {
 public:
  // What points alone do not tell, asked for where it is needed.
  struct Lookups {
    // How a table shows the start of a bucket: metric, grain, instant.
    std::function<std::string(const std::string&, registry::v1::Grain, absl::Time)> start_text;
    // The expression of a metric's version; "" if nobody knows.
    std::function<std::string(const std::string&, int)> expression;
  };

  TrendWriter(OutputFormat format, std::ostream& out, Lookups lookups)
      : format_(format), out_(out), lookups_(std::move(lookups)) {}

  void Add(const registry::v1::QueryTrendResponse& page);
  void Add(const PointsOrigin& origin, const registry::v1::TrendSeries& series);
  // Writes what must come last. Call it once, after the last point.
  void Finish();
  // Says of CSV, which has no column for it, how many values are empty for other reasons than NULL.
  void PrintNotes(std::ostream& err) const;
  int64_t points() const { return points_; }
  // Whose series were there, with or without points.
  const std::set<std::string>& entities() const { return entities_; }

 private:
  // What becomes one table.
  struct Block {
    std::string title;
    std::vector<TrendRow> rows;
  };

  void Begin();
  Block& BlockOf(const PointsOrigin& origin);
  void AddPoint(const PointsOrigin& origin, TrendRow row);

  OutputFormat format_;
  std::ostream& out_;
  Lookups lookups_;
  int64_t points_ = 0;
  std::map<registry::v1::PointStatus, int64_t> missing_;  // points without value
  std::set<std::string> entities_;
  std::vector<Block> blocks_;  // for tables, in order of appearance
  bool begun_ = false;
};

}  // namespace metricstore::cli
