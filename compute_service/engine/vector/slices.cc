#include "compute_service/engine/vector/slices.h"

#include <algorithm>
#include <utility>

#include "common/status/macros.h"
#include "common/time/iso8601.h"

namespace metricstore::compute::vector {
namespace {

constexpr size_t kBucketsBetweenChecks = 4096;

// A run's vectors fit into the second-level cache, several of them at a time.
constexpr size_t kRunRows = 8192;
constexpr size_t kRunBuckets = 1024;

// The first row at or after `from` whose time is not before `instant`. Searches in growing steps,
// because the next slice mostly begins near where the last one ended.
size_t LowerBoundFrom(std::span<const int64_t> times, size_t from, int64_t instant) {
  size_t step = 1;
  size_t low = from;
  size_t high = from;
  while (high < times.size() && times[high] < instant) {
    low = high + 1;
    high += step;
    step *= 2;
  }
  high = std::min(high, times.size());
  return static_cast<size_t>(std::lower_bound(times.begin() + static_cast<ptrdiff_t>(low),
                                              times.begin() + static_cast<ptrdiff_t>(high),
                                              instant) -
                             times.begin());
}

// Walks the slices of a list in order. A slice that starts before the last one starts over.
class SliceCursor {
 public:
  explicit SliceCursor(std::span<const int64_t> times) : times_(times) {}

  RowRange Find(int64_t start, int64_t end) {
    if (start < last_start_) begin_ = 0;
    last_start_ = start;
    begin_ = LowerBoundFrom(times_, begin_, start);
    return {begin_, LowerBoundFrom(times_, begin_, end)};
  }

 private:
  std::span<const int64_t> times_;
  int64_t last_start_ = INT64_MIN;
  size_t begin_ = 0;
};

void AddStretch(uint32_t bucket, RowRange range, BucketRows* found) {
  if (range.rows() == 0) return;
  const bool is_new = found->buckets.empty() || found->buckets.back() != bucket;
  if (!is_new && found->stretches.back().end == range.begin) {
    found->stretches.back().end = range.end;
    return;
  }
  if (is_new) {
    found->buckets.push_back(bucket);
    found->first_stretch.push_back(static_cast<uint32_t>(found->stretches.size()));
  }
  found->stretches.push_back(range);
}

// Whether buckets that are these stretches can be used as they lie.
bool IsOrderly(std::span<const RowRange> stretches, size_t buckets) {
  if (stretches.size() != buckets) return false;
  for (size_t i = 1; i < stretches.size(); ++i) {
    if (stretches[i].begin < stretches[i - 1].end) return false;
  }
  return true;
}

}  // namespace

BucketList MakeBucketList(const std::vector<calendar::Bucket>& buckets) {
  BucketList list;
  list.starts.reserve(buckets.size());
  list.first_slice.reserve(buckets.size() + 1);
  for (const calendar::Bucket& bucket : buckets) {
    list.starts.push_back(ToMicros(bucket.start));
    list.first_slice.push_back(static_cast<uint32_t>(list.slice_starts.size()));
    for (const TimeRange& slice : bucket.slices) {
      list.slice_starts.push_back(ToMicros(slice.start));
      list.slice_ends.push_back(ToMicros(slice.end));
    }
  }
  list.first_slice.push_back(static_cast<uint32_t>(list.slice_starts.size()));
  return list;
}

absl::StatusOr<BucketRows> FindBucketRows(const BucketList& list, std::span<const int64_t> times,
                                          const CallBounds& bounds) {
  BucketRows found;
  SliceCursor cursor(times);
  for (uint32_t bucket = 0; bucket < list.starts.size(); ++bucket) {
    if (bucket % kBucketsBetweenChecks == 0) RETURN_IF_ERROR(bounds.Check());
    for (uint32_t i = list.first_slice[bucket]; i < list.first_slice[bucket + 1]; ++i) {
      AddStretch(bucket, cursor.Find(list.slice_starts[i], list.slice_ends[i]), &found);
    }
  }
  found.first_stretch.push_back(static_cast<uint32_t>(found.stretches.size()));
  return found;
}

BucketRun MakeRun(const BucketRows& rows, size_t first, bool computes) {
  BucketRun run{.first = first, .ranges = {}, .rows = 0, .base = 0, .gathered = {}};
  size_t end = first;
  while (end < rows.buckets.size() && end - first < kRunBuckets && run.rows < kRunRows) {
    const size_t begin = run.rows;
    for (uint32_t i = rows.first_stretch[end]; i < rows.first_stretch[end + 1]; ++i) {
      run.rows += rows.stretches[i].rows();
    }
    run.ranges.push_back({begin, run.rows});
    ++end;
  }
  const std::span<const RowRange> stretches =
      std::span(rows.stretches)
          .subspan(rows.first_stretch[first], rows.first_stretch[end] - rows.first_stretch[first]);
  const size_t extent = stretches.back().end - stretches.front().begin;
  if (!IsOrderly(stretches, end - first) || (computes && extent > run.rows + run.rows / 4)) {
    run.gathered = stretches;
    return run;
  }
  run.base = stretches.front().begin;
  run.rows = extent;
  for (size_t i = 0; i < stretches.size(); ++i) {
    run.ranges[i] = {stretches[i].begin - run.base, stretches[i].end - run.base};
  }
  return run;
}

}  // namespace metricstore::compute::vector
