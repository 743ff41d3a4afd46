#include "registry_service/catalog/effects/moved_chunks.h"

#include <algorithm>

namespace metricstore::registry {
namespace {

// As chunks are cut, see migrations/0001: a UTC month of days, a UTC decade of coarser buckets.
absl::CivilDay SpanOf(Grain grain, int64_t bucket_start_micros) {
  const absl::CivilDay day = absl::ToCivilDay(FromMicros(bucket_start_micros), absl::UTCTimeZone());
  if (grain == Grain::kDay) return absl::CivilDay(absl::CivilMonth(day));
  return absl::CivilDay(day.year() - day.year() % 10);
}

// Appends points in order, each to the chunk that it lies in.
class ChunkAppender {
 public:
  explicit ChunkAppender(Grain grain) : grain_(grain) {}

  void Append(int64_t bucket_start, const StoredChunk& from, size_t point) {
    while (!chunks_.empty() && chunks_.rbegin()->second.bucket_starts.back() >= bucket_start) {
      PopLast();
    }
    StoredChunk& to = chunks_[SpanOf(grain_, bucket_start)];
    const size_t size = to.bucket_starts.size();
    to.bucket_starts.push_back(bucket_start);
    to.values.push_back(from.values[point]);
    Put(from.statuses, point, size, to.statuses);
    Put(from.texts, point, size, to.texts);
    to.watermark = std::max(to.watermark, from.watermark);
  }

  StoredChunks Take() { return std::move(chunks_); }

 private:
  // Columns that say nothing stay empty.
  template <typename T>
  static void Put(const std::vector<T>& from, size_t point, size_t size, std::vector<T>& to) {
    const T value = from.empty() ? T() : from[point];
    if (value == T() && to.empty()) return;
    to.resize(size);
    to.push_back(value);
  }

  template <typename T>
  static void Cut(size_t size, std::vector<T>& column) {
    if (column.size() > size) column.resize(size);
    if (std::all_of(column.begin(), column.end(), [](const T& one) { return one == T(); })) {
      column.clear();
    }
  }

  void PopLast() {
    const auto last = std::prev(chunks_.end());
    StoredChunk& chunk = last->second;
    chunk.bucket_starts.pop_back();
    if (chunk.bucket_starts.empty()) {
      chunks_.erase(last);
      return;
    }
    chunk.values.pop_back();
    Cut(chunk.bucket_starts.size(), chunk.statuses);
    Cut(chunk.bucket_starts.size(), chunk.texts);
  }

  const Grain grain_;
  StoredChunks chunks_;
};

}  // namespace

std::vector<DateShift> ShiftsOf(const calendar::Calendar& before, const calendar::Calendar& after,
                                DateRange dates) {
  std::vector<DateShift> shifts;
  bool any = false;
  for (absl::CivilDay date = dates.start; date < dates.end; ++date) {
    const TimeRange from = before.ExtentOf(date);
    const TimeRange to = after.ExtentOf(date);
    if (from.start == from.end) continue;
    const absl::Duration by = to.start - from.start;
    any = any || by != absl::ZeroDuration() || to.start == to.end;
    if (to.start == to.end) continue;
    if (!shifts.empty() && shifts.back().by == by && shifts.back().starts.end == from.start) {
      shifts.back().starts.end = from.end;
    } else {
      shifts.push_back({from, by});
    }
  }
  return any ? shifts : std::vector<DateShift>();
}

StoredChunks MovedChunks(Grain grain, const StoredChunks& stored,
                         const std::vector<DateShift>& shifts) {
  ChunkAppender moved(grain);
  auto shift = shifts.begin();
  for (const auto& [span, chunk] : stored) {
    for (size_t point = 0; point < chunk.bucket_starts.size(); ++point) {
      const absl::Time start = FromMicros(chunk.bucket_starts[point]);
      while (shift != shifts.end() && shift->starts.end <= start) ++shift;
      if (shift == shifts.end()) return moved.Take();
      if (start < shift->starts.start) continue;
      moved.Append(ToMicros(start + shift->by), chunk, point);
    }
  }
  return moved.Take();
}

}  // namespace metricstore::registry
