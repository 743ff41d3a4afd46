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
  for (const RowRange& positions : Joined(list.positions)) {
    AppendRowsAt(list.stretches, positions, shown);
  }
}

// Numbers the rows that any of the lists shows.
std::vector<Stretch> ShownBy(std::span<const BucketRows* const> lists) {
  std::vector<RowRange> ranges;
  for (const BucketRows* list : lists) AppendShownRows(*list, &ranges);
  std::vector<Stretch> shown;
  size_t count = 0;
  for (const RowRange& rows : Joined(std::move(ranges))) {
    shown.push_back({.position = count, .rows = rows});
    count += rows.rows();
  }
  return shown;
}

// From rows to their numbers among the shared ones.
class SharedNumbers {
 public:
  explicit SharedNumbers(const std::vector<Stretch>& shown) : shown_(shown) {}

  size_t operator[](size_t row) const {
    const Stretch& stretch = *std::prev(After(row));
    return stretch.position + (row - stretch.rows.begin);
  }
  bool AreShared(RowRange rows) const {
    const auto after = After(rows.begin);
    return after != shown_.begin() && rows.end <= std::prev(after)->rows.end;
  }

 private:
  std::vector<Stretch>::const_iterator After(size_t row) const {
    return std::partition_point(shown_.begin(), shown_.end(),
                                [row](const Stretch& one) { return one.rows.begin <= row; });
  }

  const std::vector<Stretch>& shown_;
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
                                                        [&](const Stretch& one) {
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

TimeLeaves LeavesOf(std::span<const int64_t> times, const std::vector<Stretch>& shown) {
  const auto times_of = [times](RowRange rows) { return times.subspan(rows.begin, rows.rows()); };
  if (shown.size() == 1) return TimeLeaves(times_of(shown[0].rows));
  std::vector<int64_t> found;
  found.reserve(shown.back().position + shown.back().rows.rows());
  for (const Stretch& stretch : shown) {
    const std::span<const int64_t> some = times_of(stretch.rows);
    found.insert(found.end(), some.begin(), some.end());
  }
  return TimeLeaves(found);
}

}  // namespace

absl::StatusOr<SharedLayout> MakeSharedLayout(std::span<const BucketRows* const> lists,
                                              size_t look_back, const CallBounds& bounds) {
  SharedLayout layout;
  layout.shown = ShownBy(lists);
  if (layout.shown.empty()) {
    layout.buckets.resize(lists.size());
    return layout;
  }
  const SharedNumbers numbers(layout.shown);
  layout.leaves = LeavesOf(lists[0]->times, layout.shown);
  PartFinder finder(look_back, &layout);
  for (const BucketRows* list : lists) {
    RETURN_IF_ERROR(FindParts(*list, numbers, bounds, &finder, &layout.buckets.emplace_back()));
  }
  finder.Finish();
  return layout;
}

std::vector<std::vector<size_t>> ListsByLayout(std::span<const BucketRows* const> lists,
                                               size_t look_back) {
  const size_t most = look_back == 0 ? kMostPiecesOfBucket : 1;
  const std::vector<Stretch> shown = ShownBy(lists);
  const SharedNumbers numbers(shown);
  std::vector<std::vector<size_t>> layouts(1);
  std::vector<RowRange> pieces;
  for (size_t i = 0; i < lists.size(); ++i) {
    const ListPieces of_list(*lists[i], numbers);
    size_t most_pieces = 0;
    for (const RowRange& positions : lists[i]->positions) {
      of_list.Find(positions, &pieces);
      most_pieces = std::max(most_pieces, pieces.size());
      if (most_pieces > most) break;
    }
    if (most_pieces > most) {
      layouts.push_back({i});
    } else {
      layouts.front().push_back(i);
    }
  }
  return layouts;
}

}  // namespace metricstore::compute::vector
