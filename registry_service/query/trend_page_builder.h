// Gathers points of chunks into a page of a trend.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "registry_service/query/trend_reader.h"

namespace metricstore::registry {

// A stored chunk of a series as it was read.
struct TrendChunk {
  std::string entity;
  int64_t series_id = 0;
  std::string dimensions;
  std::vector<int64_t> bucket_starts;
  std::vector<double> values;
  std::vector<int16_t> statuses;
  std::vector<std::string> texts;
};

// Chunks come by entity, series and time. Not thread-safe.
class TrendPageBuilder {
 public:
  explicit TrendPageBuilder(const TrendQuery& query) : query_(query) {}

  // Adds the chunk's points that are asked for. False if the page is full: one of them did not
  // fit, so that there is a next page.
  bool Add(const TrendChunk& chunk);
  TrendPage Take();

 private:
  bool Full() const;
  bool Wanted(const TrendChunk& chunk, int64_t bucket_start) const;

  const TrendQuery& query_;
  TrendPage page_;
  TrendPosition last_;
  size_t points_ = 0;
  size_t bytes_ = 0;
};

}  // namespace metricstore::registry
