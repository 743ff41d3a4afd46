#include "compute_service/engine/vector/layout/shared_layout.h"

#include <algorithm>
#include <utility>

#include "common/status/macros.h"
#include "compute_service/engine/vector/layout/part_finder.h"

namespace metricstore::compute::vector {
namespace {

constexpr size_t kBucketsBetweenChecks = 1024;
// A piece of a bucket costs each of its aggregates an addition or two, as does a leaf.
constexpr size_t kMostPiecesOfBucket = 32;

// Rows that buckets show, ascending, touching ones joined.
std::vector<RowRange> Joined(std::vector<RowRange> ranges) {
  const auto is_before = [](const RowRange& a, const RowRange& b) { return a.begin < b.begin; };
  if (!std::is_sorted(ranges.begin(), ranges.end(), is_before)) {
    std::sort(ranges.begin(), ranges.end(), is_before);
  }
  size_t kept = 0;
  for (const RowRange& range : ranges) {
    if (kept > 0 && range.begin <= ranges[kept - 1].end) {
      ranges[kept - 1].end = std::max(ranges[kept - 1].end, range.end);
    } else {
      ranges[kept++] = range;
    }
  }
  ranges.resize(kept);
  return ranges;
}

void AppendShownRows(const BucketRows& list, std::vector<RowRange>* shown) {
  for (const RowRange& positions : Joined(list.positions)) AppendRowsAt(list, positions, shown);
}

// From rows to their numbers among the shared ones.
class SharedNumbers {
 public:
  explicit SharedNumbers(const std::vector<RowRange>& sources) : sources_(sources) {
    firsts_.reserve(sources.size());
    for (const RowRange& source : sources) {
      firsts_.push_back(count_);
      count_ += source.rows();
    }
  }

  size_t count() const { return count_; }
  size_t operator[](size_t row) const {
    const auto after = std::partition_point(sources_.begin(), sources_.end(),
                                            [row](const RowRange& r) { return r.begin <= row; });
    const auto source = static_cast<size_t>(after - sources_.begin()) - 1;
    return firsts_[source] + (row - sources_[source].begin);
  }
  bool AreShared(RowRange rows) const {
    const auto after = std::partition_point(
        sources_.begin(), sources_.end(), [&](const RowRange& r) { return r.begin <= rows.begin; });
    return after != sources_.begin() && rows.end <= std::prev(after)->end;
  }

 private:
  const std::vector<RowRange>& sources_;
  std::vector<size_t> firsts_;
  size_t count_ = 0;
};

// A list's positions, as stretches of shared rows.
class ListPieces {
 public:
  ListPieces(const BucketRows& list, const SharedNumbers& numbers)
      : list_(list), numbers_(numbers) {
    const auto& stretches = list.stretches;
    last_of_piece_.resize(stretches.size());
    first_number_.resize(stretches.size());
    for (size_t i = stretches.size(); i-- > 0;) {
      const RowRange& rows = stretches[i].rows;
      // A stretch of which not all rows are shown is looked at row by row.
      const bool is_whole = numbers.AreShared(rows);
      first_number_[i] = is_whole ? numbers[rows.begin] : SIZE_MAX;
      const bool goes_on = is_whole && i + 1 < stretches.size() &&
                           first_number_[i] + rows.rows() == first_number_[i + 1];
      last_of_piece_[i] = goes_on ? last_of_piece_[i + 1] : i;
    }
  }

  // Makes `pieces` the shared rows at these positions.
  void Find(RowRange positions, std::vector<RowRange>* pieces) const {
    pieces->clear();
    const auto& stretches = list_.stretches;
    size_t i = static_cast<size_t>(std::partition_point(stretches.begin(), stretches.end(),
                                                        [&](const BucketRows::Stretch& one) {
                                                          return one.position + one.rows.rows() <=
                                                                 positions.begin;
                                                        }) -
                                   stretches.begin());
    for (size_t at = positions.begin; at < positions.end;) {
      const size_t last = last_of_piece_[i];
      const size_t end =
          std::min(positions.end, stretches[last].position + stretches[last].rows.rows());
      const size_t offset = at - stretches[i].position;
      const size_t begin = first_number_[i] == SIZE_MAX ? numbers_[stretches[i].rows.begin + offset]
                                                        : first_number_[i] + offset;
      if (!pieces->empty() && pieces->back().end == begin) {
        pieces->back().end = begin + (end - at);
      } else {
        pieces->push_back({begin, begin + (end - at)});
      }
      at = end;
      i = last + 1;
    }
  }

 private:
  const BucketRows& list_;
  const SharedNumbers& numbers_;
  std::vector<size_t> last_of_piece_;  // of each stretch: the last one that goes on with its rows
  std::vector<size_t> first_number_;
};

absl::Status FindParts(const BucketRows& list, const SharedNumbers& numbers,
                       const CallBounds& bounds, PartFinder* finder, std::vector<uint32_t>* parts) {
  const ListPieces pieces(list, numbers);
  parts->reserve(list.positions.size());
  std::vector<RowRange> of_bucket;
  for (size_t i = 0; i < list.positions.size(); ++i) {
    if (i % kBucketsBetweenChecks == 0) RETURN_IF_ERROR(bounds.Check());
    pieces.Find(list.positions[i], &of_bucket);
    parts->push_back(finder->PartOf(of_bucket));
  }
  return absl::OkStatus();
}

TimeLeaves LeavesOf(std::span<const int64_t> times, const std::vector<RowRange>& sources,
                    size_t count) {
  if (sources.size() == 1) return TimeLeaves(times.subspan(sources[0].begin, count));
  std::vector<int64_t> shown;
  shown.reserve(count);
  for (const RowRange& source : sources) {
    const auto from = times.begin() + static_cast<ptrdiff_t>(source.begin);
    shown.insert(shown.end(), from, from + static_cast<ptrdiff_t>(source.rows()));
  }
  return TimeLeaves(shown);
}

}  // namespace

absl::StatusOr<SharedLayout> MakeSharedLayout(std::span<const BucketRows* const> lists,
                                              const CallBounds& bounds) {
  SharedLayout layout;
  std::vector<RowRange> shown;
  for (const BucketRows* list : lists) AppendShownRows(*list, &shown);
  layout.sources = Joined(std::move(shown));
  if (layout.sources.empty()) {
    layout.buckets.resize(lists.size());
    return layout;
  }
  const SharedNumbers numbers(layout.sources);
  layout.leaves = LeavesOf(lists[0]->times, layout.sources, numbers.count());
  PartFinder finder(&layout);
  for (const BucketRows* list : lists) {
    RETURN_IF_ERROR(FindParts(*list, numbers, bounds, &finder, &layout.buckets.emplace_back()));
  }
  finder.Finish();
  return layout;
}

std::vector<std::vector<size_t>> ListsByLayout(std::span<const BucketRows* const> lists) {
  std::vector<RowRange> shown;
  for (const BucketRows* list : lists) AppendShownRows(*list, &shown);
  const std::vector<RowRange> sources = Joined(std::move(shown));
  const SharedNumbers numbers(sources);
  std::vector<std::vector<size_t>> layouts(1);
  std::vector<RowRange> pieces;
  for (size_t i = 0; i < lists.size(); ++i) {
    const ListPieces of_list(*lists[i], numbers);
    size_t most_pieces = 0;
    for (const RowRange& positions : lists[i]->positions) {
      of_list.Find(positions, &pieces);
      most_pieces = std::max(most_pieces, pieces.size());
      if (most_pieces > kMostPiecesOfBucket) break;
    }
    if (most_pieces > kMostPiecesOfBucket) {
      layouts.push_back({i});
    } else {
      layouts.front().push_back(i);
    }
  }
  return layouts;
}

}  // namespace metricstore::compute::vector
