#include "compute_service/engine/vector/layout/part_finder.h"

#include <algorithm>
#include <numeric>

namespace metricstore::compute::vector {
namespace {

// Rows that are computed and folded at a time, at least.
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

PartFinder::PartFinder(size_t look_back, SharedLayout* layout)
    : look_back_(look_back), layout_(*layout), halves_(layout->leaves.size()) {}

uint32_t PartFinder::PartOf(std::span<const RowRange> pieces) {
  pieces_ = pieces;
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
  // Leaves up to the middle that the last piece shows whole, without its head.
  size_t from = middle;
  const size_t shared = EndOfHead(pieces.back());
  if (pieces.back().end >= leaves[middle].begin && shared < leaves[middle].begin) {
    from = leaves.LeafOf(shared, first_leaf_);
    if (leaves[from].begin < shared) ++from;
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
  // As many leaves from the middle on as the first piece shows whole, without its head.
  size_t count = 0;
  if (EndOfHead(pieces.front()) <= leaves[middle].begin) {
    const size_t last =
        pieces.size() == 1 ? last_leaf_ : leaves.LeafOf(pieces.front().end - 1, middle);
    count = last - middle + (pieces.front().end >= leaves[last].end ? 1 : 0);
  }
  uint32_t part = count > 0 ? LeavesFrom(middle, count) : kNoPart;
  size_t row = count > 0 ? leaves[middle + count - 1].end : leaves[middle].begin;
  size_t next = middle + count;
  while (!(pieces = PiecesIn(pieces, {row, SIZE_MAX})).empty()) {
    const size_t leaf = leaves.LeafOf(std::max(pieces.front().begin, row), next);
    part = Joined(part, PartOfLeaf(leaf, PiecesIn(pieces, leaves[leaf])));
    row = leaves[leaf].end;
    next = leaf + 1;
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
  if (EndOfHead(pieces[0]) <= rows.begin && rows.end <= pieces[0].end) {
    return static_cast<uint32_t>(leaf);
  }
  End end = {.leaf = leaf};
  end.ranges.begin = layout_.ranges.size();
  end.heads.begin = heads_.size();
  for (const RowRange& piece : pieces) {
    RowRange shown = Common(piece, rows);
    const size_t shared = std::clamp(EndOfHead(piece), shown.begin, shown.end);
    if (shared > shown.begin) AddHead({shown.begin, shared});
    if (shared < shown.end) layout_.ranges.push_back({shared, shown.end});
  }
  end.ranges.end = layout_.ranges.size();
  end.heads.end = heads_.size();
  ends_.push_back(end);
  return static_cast<uint32_t>(layout_.leaves.size() + ends_.size() - 1);
}

size_t PartFinder::EndOfHead(const RowRange& piece) const {
  return piece.begin + std::min(look_back_, piece.rows());
}

void PartFinder::AddHead(RowRange rows) {
  Head head = {.range = layout_.ranges.size(), .own = rows.rows()};
  head.rows.begin = head_rows_.size();
  layout_.ranges.emplace_back();
  head_rows_.push_back(rows);
  // The rows of the bucket before them, from the last to the first.
  size_t left = look_back_;
  for (size_t piece = pieces_.size(); piece-- > 0 && left > 0;) {
    const size_t end = std::min(pieces_[piece].end, rows.begin);
    if (end <= pieces_[piece].begin) continue;
    const size_t count = std::min(left, end - pieces_[piece].begin);
    head_rows_.push_back({end - count, end});
    left -= count;
  }
  std::reverse(head_rows_.begin() + static_cast<ptrdiff_t>(head.rows.begin), head_rows_.end());
  head.rows.end = head_rows_.size();
  heads_.push_back(head);
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
  // No more is computed to be looked back to than to be folded.
  const size_t chunk_rows = std::max(kChunkRows, look_back_);
  auto end = ends.begin();
  std::vector<size_t> heads;
  const std::vector<bool> is_used = UsedLeaves();
  for (size_t leaf = 0; leaf < leaves.size();) {
    RowRange rows = {leaves[leaf].begin, leaves[leaf].begin};
    const size_t first_part = layout_.parts.size();
    heads.clear();
    for (; leaf < leaves.size() && rows.rows() < chunk_rows; ++leaf) {
      rows.end = leaves[leaf].end;
      if (is_used[leaf]) AddPart(leaf, {first_leaf_range + leaf, first_leaf_range + leaf + 1});
      for (; end != ends.end() && ends_[*end].leaf == leaf; ++end) {
        const End& one = ends_[*end];
        AddPart(leaves.size() + *end, one.ranges);
        for (size_t head = one.heads.begin; head < one.heads.end; ++head) heads.push_back(head);
      }
    }
    AddChunk(rows, first_part, heads);
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

// Whole, not as ends of buckets alone.
std::vector<bool> PartFinder::UsedLeaves() const {
  std::vector<bool> used(layout_.leaves.size());
  const auto use = [&used](uint32_t name) {
    if (name < used.size()) used[name] = true;
  };
  for (const PartJoin& join : layout_.joins) {
    use(join.left);
    use(join.right);
  }
  for (const std::vector<uint32_t>& parts : layout_.buckets) {
    for (const uint32_t part : parts) use(part);
  }
  return used;
}

void PartFinder::AddPart(size_t name, RowRange ranges) {
  numbers_[name] = static_cast<uint32_t>(layout_.parts.size());
  layout_.parts.push_back(std::span(layout_.ranges).subspan(ranges.begin, ranges.rows()));
}

void PartFinder::AddChunk(RowRange rows, size_t first_part, std::span<const size_t> heads) {
  SharedLayout::Chunk chunk = {.first_row = rows.begin - std::min(look_back_, rows.begin)};
  chunk.parts = {first_part, layout_.parts.size()};
  chunk.sources.begin = layout_.sources.size();
  chunk.stretches.begin = layout_.stretches.size();
  size_t next = rows.end;  // the number of the next head's first row
  AppendRowsAt(layout_.shown, {chunk.first_row, rows.end}, &layout_.sources);
  layout_.stretches.push_back({0, rows.end - chunk.first_row});
  for (const size_t number : heads) {
    const Head& head = heads_[number];
    const size_t begin = next;
    for (size_t i = head.rows.begin; i < head.rows.end; ++i) {
      AppendRowsAt(layout_.shown, head_rows_[i], &layout_.sources);
      next += head_rows_[i].rows();
    }
    layout_.stretches.push_back({begin - chunk.first_row, next - chunk.first_row});
    layout_.ranges[head.range] = {next - head.own, next};
  }
  chunk.rows = next - chunk.first_row;
  chunk.sources.end = layout_.sources.size();
  chunk.stretches.end = layout_.stretches.size();
  layout_.chunks.push_back(chunk);
}

}  // namespace metricstore::compute::vector
