#include "compute_service/engine/vector/layout/part_finder.h"

#include <algorithm>
#include <numeric>

namespace metricstore::compute::vector {
namespace {

// Rows that are computed and folded at a time.
constexpr size_t kChunkRows = 512;

RowRange Common(const RowRange& a, const RowRange& b) {
  return {std::max(a.begin, b.begin), std::min(a.end, b.end)};
}

// Those of the pieces that have rows of `rows`.
std::span<const RowRange> PiecesIn(std::span<const RowRange> pieces, RowRange rows) {
  const auto first = std::partition_point(pieces.begin(), pieces.end(),
                                          [&](const RowRange& r) { return r.end <= rows.begin; });
  const auto end = std::partition_point(first, pieces.end(),
                                        [&](const RowRange& r) { return r.begin < rows.end; });
  return {first, end};
}

}  // namespace

PartFinder::PartFinder(SharedLayout* layout) : layout_(*layout), halves_(layout->leaves.size()) {}

uint32_t PartFinder::PartOf(std::span<const RowRange> pieces) {
  first_leaf_ = layout_.leaves.LeafOf(pieces.front().begin, first_leaf_);
  last_leaf_ = layout_.leaves.LeafOf(pieces.back().end - 1, last_leaf_);
  if (first_leaf_ == last_leaf_) return PartOfLeaf(first_leaf_, pieces);
  middle_ = layout_.leaves.MiddleOf(first_leaf_, last_leaf_, middle_);
  const size_t row = layout_.leaves[middle_].begin;
  const uint32_t earlier = EarlierHalf(middle_, PiecesIn(pieces, {0, row}));
  return Joined(earlier, LaterHalf(middle_, PiecesIn(pieces, {row, SIZE_MAX})));
}

uint32_t PartFinder::EarlierHalf(size_t middle, std::span<const RowRange> pieces) {
  const TimeLeaves& leaves = layout_.leaves;
  // Leaves up to the middle that the last piece shows whole.
  size_t from = middle;
  if (pieces.back().end >= leaves[middle].begin) {
    from = pieces.size() == 1 ? first_leaf_ : leaves.LeafOf(pieces.back().begin, first_leaf_);
    if (leaves[from].begin < pieces.back().begin) ++from;
  }
  uint32_t part = from < middle ? LeavesBefore(middle, middle - from) : kNoPart;
  // What is left of the pieces, leaf by leaf.
  while (!(pieces = PiecesIn(pieces, {0, leaves[from].begin})).empty()) {
    from = leaves.LeafOf(std::min(pieces.back().end, leaves[from].begin) - 1, from - 1);
    part = Joined(PartOfLeaf(from, PiecesIn(pieces, leaves[from])), part);
  }
  return part;
}

uint32_t PartFinder::LaterHalf(size_t middle, std::span<const RowRange> pieces) {
  const TimeLeaves& leaves = layout_.leaves;
  // As many leaves from the middle on as the first piece shows whole.
  size_t count = 0;
  if (pieces.front().begin <= leaves[middle].begin) {
    const size_t last =
        pieces.size() == 1 ? last_leaf_ : leaves.LeafOf(pieces.front().end - 1, middle);
    count = last - middle + (pieces.front().end >= leaves[last].end ? 1 : 0);
  }
  uint32_t part = count > 0 ? LeavesFrom(middle, count) : kNoPart;
  size_t row = count > 0 ? leaves[middle + count - 1].end : leaves[middle].begin;
  while (!(pieces = PiecesIn(pieces, {row, SIZE_MAX})).empty()) {
    const size_t leaf = leaves.LeafOf(std::max(pieces.front().begin, row), middle + count);
    part = Joined(part, PartOfLeaf(leaf, PiecesIn(pieces, leaves[leaf])));
    row = leaves[leaf].end;
  }
  return part;
}

uint32_t PartFinder::LeavesBefore(size_t middle, size_t count) {
  std::vector<uint32_t>& earlier = halves_[middle].earlier;
  while (earlier.size() < count) {
    const auto leaf = static_cast<uint32_t>(middle - earlier.size() - 1);
    earlier.push_back(earlier.empty() ? leaf : Joined(leaf, earlier.back()));
  }
  return earlier[count - 1];
}

uint32_t PartFinder::LeavesFrom(size_t middle, size_t count) {
  std::vector<uint32_t>& later = halves_[middle].later;
  while (later.size() < count) {
    const auto leaf = static_cast<uint32_t>(middle + later.size());
    later.push_back(later.empty() ? leaf : Joined(later.back(), leaf));
  }
  return later[count - 1];
}

uint32_t PartFinder::PartOfLeaf(size_t leaf, std::span<const RowRange> pieces) {
  const RowRange rows = layout_.leaves[leaf];
  if (pieces.size() == 1 && Common(pieces[0], rows) == rows) return static_cast<uint32_t>(leaf);
  End end = {.leaf = leaf, .first_range = layout_.ranges.size()};
  for (const RowRange& piece : pieces) layout_.ranges.push_back(Common(piece, rows));
  end.end_range = layout_.ranges.size();
  ends_.push_back(end);
  return static_cast<uint32_t>(layout_.leaves.size() + ends_.size() - 1);
}

uint32_t PartFinder::Joined(uint32_t earlier, uint32_t later) {
  if (earlier == kNoPart) return later;
  if (later == kNoPart) return earlier;
  layout_.joins.push_back({earlier, later});
  return kJoin | static_cast<uint32_t>(layout_.joins.size() - 1);
}

void PartFinder::Finish() {
  const TimeLeaves& leaves = layout_.leaves;
  numbers_.resize(leaves.size() + ends_.size());
  std::vector<size_t> ends(ends_.size());
  std::iota(ends.begin(), ends.end(), 0);
  std::stable_sort(ends.begin(), ends.end(),
                   [this](size_t a, size_t b) { return ends_[a].leaf < ends_[b].leaf; });
  // Ranges stay where they are from here on.
  const size_t first_leaf_range = layout_.ranges.size();
  layout_.ranges.reserve(first_leaf_range + leaves.size());
  for (size_t leaf = 0; leaf < leaves.size(); ++leaf) layout_.ranges.push_back(leaves[leaf]);
  layout_.parts.reserve(leaves.size() + ends.size());
  auto end = ends.begin();
  for (size_t leaf = 0; leaf < leaves.size(); ++leaf) {
    StartLeaf(leaves[leaf]);
    AddPart(leaf, first_leaf_range + leaf, first_leaf_range + leaf + 1);
    for (; end != ends.end() && ends_[*end].leaf == leaf; ++end) {
      AddPart(leaves.size() + *end, ends_[*end].first_range, ends_[*end].end_range);
    }
    layout_.chunks.back().end = layout_.parts.size();
  }
  const auto number = [this](uint32_t name) {
    const bool is_join = (name & kJoin) != 0;
    return is_join ? static_cast<uint32_t>(layout_.parts.size()) + (name & ~kJoin) : numbers_[name];
  };
  for (PartJoin& join : layout_.joins) join = {number(join.left), number(join.right)};
  for (std::vector<uint32_t>& parts : layout_.buckets) {
    std::transform(parts.begin(), parts.end(), parts.begin(), number);
  }
}

void PartFinder::StartLeaf(RowRange rows) {
  std::vector<SharedLayout::Chunk>& chunks = layout_.chunks;
  if (chunks.empty() || chunks.back().rows.rows() >= kChunkRows) {
    chunks.push_back({.rows = {rows.begin, rows.begin}, .begin = layout_.parts.size()});
  }
  chunks.back().rows.end = rows.end;
}

void PartFinder::AddPart(size_t name, size_t first_range, size_t end_range) {
  numbers_[name] = static_cast<uint32_t>(layout_.parts.size());
  layout_.parts.push_back(std::span(layout_.ranges).subspan(first_range, end_range - first_range));
}

}  // namespace metricstore::compute::vector
