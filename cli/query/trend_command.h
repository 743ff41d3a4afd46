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

// A point as text, by the columns that programs know.
struct TrendRow {
  // What the value is: programs that read JSON get a number or a string.
  enum class Value { kNull, kNumber, kText };
  std::vector<std::string> cells;
  Value value = Value::kNumber;
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
  // How a table shows the start of a bucket: metric, grain, instant.
  using StartText = std::function<std::string(const std::string&, registry::v1::Grain, absl::Time)>;

  TrendWriter(OutputFormat format, std::ostream& out, StartText start_text)
      : format_(format), out_(out), start_text_(std::move(start_text)) {}

  void Add(const registry::v1::QueryTrendResponse& page);
  void Add(const PointsOrigin& origin, const registry::v1::TrendSeries& series);
  // Writes what must come last. Call it once, after the last point.
  void Finish();
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
  StartText start_text_;
  int64_t points_ = 0;
  std::set<std::string> entities_;
  std::vector<Block> blocks_;  // for tables, in order of appearance
  bool begun_ = false;
};

}  // namespace metricstore::cli
