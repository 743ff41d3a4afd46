#include "registry_service/query/trend_page_builder.h"

#include <utility>

namespace metricstore::registry {
namespace {

// On the wire: a timestamp with its tag and length, a double, a status.
constexpr size_t kPointBytes = 24;
constexpr size_t kSeriesBytes = 32;
constexpr size_t kMaxPageBytes = 3u << 20;

void AddPoint(const TrendChunk& chunk, size_t point, TrendPoints& series) {
  const int16_t status = chunk.statuses.empty() ? int16_t{0} : chunk.statuses[point];
  if (status != 0) series.statuses.resize(series.values.size(), 0);
  series.bucket_starts.push_back(chunk.bucket_starts[point]);
  series.values.push_back(chunk.values[point]);
  if (status != 0 || !series.statuses.empty()) series.statuses.push_back(status);
}

}  // namespace

bool TrendPageBuilder::Full() const {
  return points_ >= query_.page_size || bytes_ >= kMaxPageBytes;
}

bool TrendPageBuilder::Wanted(const TrendChunk& chunk, int64_t bucket_start) const {
  if (bucket_start < ToMicros(query_.range.start) || bucket_start >= ToMicros(query_.range.end)) {
    return false;
  }
  return !query_.after.has_value() || chunk.series_id != query_.after->series_id ||
         bucket_start > query_.after->bucket_start;
}

bool TrendPageBuilder::Add(const TrendChunk& chunk) {
  bool opened = !page_.series.empty() && last_.series_id == chunk.series_id;
  for (size_t point = 0; point < chunk.bucket_starts.size(); ++point) {
    if (!Wanted(chunk, chunk.bucket_starts[point])) continue;
    if (Full()) {
      page_.next = last_;
      return false;
    }
    if (!opened) {
      page_.series.push_back({.entity = chunk.entity, .dimensions = chunk.dimensions});
      bytes_ += kSeriesBytes + chunk.entity.size() + chunk.dimensions.size();
      opened = true;
    }
    AddPoint(chunk, point, page_.series.back());
    bytes_ += kPointBytes;
    ++points_;
    last_ = {chunk.entity, chunk.series_id, chunk.bucket_starts[point]};
  }
  return true;
}

TrendPage TrendPageBuilder::Take() { return std::move(page_); }

}  // namespace metricstore::registry
