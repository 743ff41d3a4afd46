#include "compute_service/engine/vector/layout/slices.h"

#include <algorithm>
#include <utility>

#include "common/status/macros.h"
#include "common/time/iso8601.h"

namespace metricstore::compute::vector {
namespace {

constexpr size_t kStepsBetweenChecks = 4096;

// A run's vectors fit into the second-level cache, several of them at a time.
constexpr size_t kRunRows = 8192;
constexpr size_t kRunBuckets = 1024;

// A run of overlapping buckets is so many times as long as its first one at most: what the next run
// computes again is a third of what is new to it, whatever the windows are.
constexpr size_t kRunsOfFirst = 4;

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

// Where a slice's rows are, and the position of the first.
struct SliceRows {
  RowRange rows;
  size_t position = 0;
};

// Slices mostly come in order; one that starts before the last one starts the search over.
absl::StatusOr<std::vector<SliceRows>> FindSliceRows(const BucketList& list,
                                                     std::span<const int64_t> times,
                                                     const CallBounds& bounds) {
  std::vector<SliceRows> found;
  found.reserve(list.slices.size());
  int64_t last_start = INT64_MIN;
  size_t begin = 0;
  size_t position = 0;
  for (const BucketList::Slice& slice : list.slices) {
    if (found.size() % kStepsBetweenChecks == 0) RETURN_IF_ERROR(bounds.Check());
    if (slice.start < last_start) begin = 0;
    last_start = slice.start;
    begin = LowerBoundFrom(times, begin, slice.start);
    found.push_back({{begin, LowerBoundFrom(times, begin, slice.end)}, position});
    position += found.back().rows.rows();
  }
  return found;
}

// The position of the first of the slice's rows that is not before `instant`.
size_t PositionAt(const BucketList::Slice& slice, const SliceRows& rows,
                  std::span<const int64_t> times, int64_t instant) {
  if (instant <= slice.start) return rows.position;
  if (instant >= slice.end) return rows.position + rows.rows.rows();
  const auto begin = times.begin() + static_cast<ptrdiff_t>(rows.rows.begin);
  const auto end = times.begin() + static_cast<ptrdiff_t>(rows.rows.end);
  return rows.position + static_cast<size_t>(std::lower_bound(begin, end, instant) - begin);
}

std::vector<Stretch> StretchesOf(const std::vector<SliceRows>& slices) {
  std::vector<Stretch> stretches;
  for (const SliceRows& slice : slices) {
    if (slice.rows.rows() == 0) continue;
    if (!stretches.empty() && stretches.back().rows.end == slice.rows.begin) {
      stretches.back().rows.end = slice.rows.end;
    } else {
      stretches.push_back({slice.position, slice.rows});
    }
  }
  return stretches;
}

// Lays the positions of a run's buckets end to end, each once.
class RunBuilder {
 public:
  RunBuilder(const BucketRows& rows, size_t first) : rows_(rows) { run_.first = first; }

  void Add(RowRange positions) {
    if (pieces_.empty() || positions.begin > pieces_.back().end) {
      shift_ = positions.begin - run_.rows;
      pieces_.push_back(positions);
    } else {
      run_.overlaps = run_.overlaps || positions.begin < pieces_.back().end;
      pieces_.back().end = std::max(pieces_.back().end, positions.end);
    }
    run_.ranges.push_back({positions.begin - shift_, positions.end - shift_});
    run_.rows = pieces_.back().end - shift_;
  }

  // Whether the run may take one more bucket.
  bool Takes(RowRange positions) const {
    const RowRange& last = rows_.positions[run_.first + run_.ranges.size() - 1];
    if (positions.begin < last.begin || run_.ranges.size() == kRunBuckets) return false;
    if (run_.rows < kRunRows) return true;
    const bool shares = positions.begin < pieces_.back().end;
    return shares && run_.rows < kRunsOfFirst * run_.ranges.front().rows();
  }

  BucketRun Finish(bool computes) {
    std::vector<RowRange> sources = Sources();
    const size_t extent = sources.back().end - sources.front().begin;
    const bool is_dense = !computes || extent <= run_.rows + run_.rows / 4;
    if (is_dense && MoveToSources(sources)) {
      run_.base = sources.front().begin;
      run_.rows = extent;
    } else {
      run_.gathered = std::move(sources);
    }
    return std::move(run_);
  }

 private:
  // The rows at the run's positions, in their order.
  std::vector<RowRange> Sources() const {
    std::vector<RowRange> sources;
    for (const RowRange& piece : pieces_) AppendRowsAt(rows_.stretches, piece, &sources);
    return sources;
  }

  // Makes ranges those of the sources where they lie, and says whether that can be: sources ascend,
  // and no bucket has rows of two.
  bool MoveToSources(const std::vector<RowRange>& sources) {
    for (size_t i = 1; i < sources.size(); ++i) {
      if (sources[i].begin < sources[i - 1].end) return false;
    }
    std::vector<RowRange> moved;
    moved.reserve(run_.ranges.size());
    size_t source = 0;
    size_t offset = 0;  // of the source's rows in the run
    for (const RowRange& range : run_.ranges) {
      while (range.begin >= offset + sources[source].rows()) offset += sources[source++].rows();
      if (range.end > offset + sources[source].rows()) return false;
      const size_t begin = sources[source].begin - sources.front().begin + (range.begin - offset);
      moved.push_back({begin, begin + range.rows()});
    }
    run_.ranges = std::move(moved);
    return true;
  }

  const BucketRows& rows_;
  BucketRun run_;
  std::vector<RowRange> pieces_;  // of positions, in order, apart from each other
  size_t shift_ = 0;              // from places in the run to positions of the last piece
};

}  // namespace

absl::StatusOr<BucketRows> FindBucketRows(const BucketList& list, std::span<const int64_t> times,
                                          const CallBounds& bounds) {
  ASSIGN_OR_RETURN(const std::vector<SliceRows> slices, FindSliceRows(list, times, bounds));
  BucketRows found;
  found.stretches = StretchesOf(slices);
  found.times = times;
  found.reaches = list.reaches;
  for (uint32_t bucket = 0; bucket < list.spans.size(); ++bucket) {
    if (bucket % kStepsBetweenChecks == 0) RETURN_IF_ERROR(bounds.Check());
    const BucketList::Span& span = list.spans[bucket];
    if (span.first_slice >= span.end_slice) continue;
    const size_t last = span.end_slice - 1;
    const RowRange positions = {PositionAt(list.slices[span.first_slice], slices[span.first_slice],
                                           times, span.shown_start),
                                PositionAt(list.slices[last], slices[last], times, span.shown_end)};
    if (positions.begin >= positions.end) continue;
    found.buckets.push_back(bucket);
    found.positions.push_back(positions);
  }
  return found;
}

void AppendRowsAt(std::span<const Stretch> stretches, RowRange positions,
                  std::vector<RowRange>* ranges) {
  auto stretch = std::partition_point(stretches.begin(), stretches.end(), [&](const Stretch& one) {
    return one.position + one.rows.rows() <= positions.begin;
  });
  for (size_t at = positions.begin; at < positions.end; ++stretch) {
    const size_t begin = stretch->rows.begin + (at - stretch->position);
    const size_t count = std::min(stretch->rows.end - begin, positions.end - at);
    ranges->push_back({begin, begin + count});
    at += count;
  }
}

BucketRun MakeRun(const BucketRows& rows, size_t first, bool computes) {
  RunBuilder run(rows, first);
  run.Add(rows.positions[first]);
  for (size_t next = first + 1; next < rows.positions.size(); ++next) {
    if (!run.Takes(rows.positions[next])) break;
    run.Add(rows.positions[next]);
  }
  return run.Finish(computes);
}

}  // namespace metricstore::compute::vector
