// Reads the points of a metric version's series, page by page.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/pg/pool.h"
#include "common/time/cancellation.h"
#include "common/time/grain.h"
#include "common/time/iso8601.h"

namespace metricstore::registry {

// The last point of a page.
struct TrendPosition {
  std::string entity;
  int64_t series_id = 0;
  int64_t bucket_start = 0;  // microseconds since the epoch
};

struct TrendQuery {
  std::string metric_id;
  int32_t version = 0;
  Grain grain = Grain::kDay;
  std::vector<std::string> entities;  // empty: all
  TimeRange range;                    // of bucket starts
  std::optional<TrendPosition> after;
  size_t page_size = 10'000;  // points
};

// Points of one series in time order.
struct TrendPoints {
  std::string entity;
  std::string dimensions;              // a JSON object
  std::vector<int64_t> bucket_starts;  // microseconds since the epoch
  std::vector<double> values;
  std::vector<int16_t> statuses;   // empty: all are OK
  std::vector<std::string> texts;  // as metric_chunk.texts; empty: no point has one
};

struct TrendPage {
  std::vector<TrendPoints> series;    // by entity, bytewise
  std::optional<TrendPosition> next;  // unset on the last page
};

// Thread-safe; keeps nothing. The pool must outlive it.
class TrendReader {
 public:
  explicit TrendReader(pg::Pool& pool) : pool_(pool) {}

  // A page that fits into a reply of 4 MiB. Errors of pg::Pool::Run.
  absl::StatusOr<TrendPage> Read(int32_t project_id, const TrendQuery& query,
                                 const CallBounds& bounds);
  // NOT_FOUND (ENTITY_NOT_FOUND, metadata dataset and entity) for the first of `entities` of which
  // the dataset never had rows and the metric, in any version, has no series; or the errors of
  // pg::Pool::Run.
  absl::Status CheckEntities(int32_t project_id, const std::string& dataset,
                             const std::string& metric_id, const std::vector<std::string>& entities,
                             const CallBounds& bounds);

 private:
  pg::Pool& pool_;
};

}  // namespace metricstore::registry
