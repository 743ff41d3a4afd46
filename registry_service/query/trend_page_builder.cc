#include "registry_service/query/trend_page_builder.h"

#include <utility>

namespace metricstore::registry {
namespace {

// On the wire: a timestamp with its tag and length, a double, a status, a text's tag and length.
constexpr size_t kPointBytes = 28;
constexpr size_t kSeriesBytes = 32;
constexpr size_t kMaxPageBytes = 3u << 20;

// Appends to a column of `size` elements that is left out as long as all of it is nothing.
template <typename Value>
void AddSparse(const std::vector<Value>& from, size_t point, size_t size, std::vector<Value>& to) {
  const Value value = from.empty() ? Value() : from[point];
  if (value == Value() && to.empty()) return;
  to.resize(size);
  to.push_back(value);
}

void AddPoint(const TrendChunk& chunk, size_t point, TrendPoints& series) {
  AddSparse(chunk.statuses, point, series.values.size(), series.statuses);
  AddSparse(chunk.texts, point, series.values.size(), series.texts);
  series.bucket_starts.push_back(chunk.bucket_starts[point]);
  series.values.push_back(chunk.values[point]);
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
    bytes_ += kPointBytes + (chunk.texts.empty() ? 0 : chunk.texts[point].size());
    ++points_;
    last_ = {chunk.entity, chunk.series_id, chunk.bucket_starts[point]};
  }
  return true;
}

TrendPage TrendPageBuilder::Take() { return std::move(page_); }

}  // namespace metricstore::registry
