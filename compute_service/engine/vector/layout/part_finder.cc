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

// Where values look back a bucket is one piece: see ListsByLayout.
uint32_t PartFinder::PartOf(std::span<const RowRange> pieces) {
  if (look_back_ == 0) return SharedPartOf(pieces);
  const RowRange rows = {pieces.front().begin, pieces.back().end};
  const RowRange head = {rows.begin, rows.begin + std::min(look_back_, rows.rows())};
  const RowRange rest = {head.end, rows.end};
  const uint32_t part = HeadOf(head);
  return rest.rows() == 0 ? part : Joined(part, SharedPartOf({&rest, 1}));
}

// Buckets of a window to date begin at the same row.
uint32_t PartFinder::HeadOf(RowRange rows) {
  if (last_head_ != rows) {
    last_head_ = rows;
    last_head_name_ = EndOf(layout_.leaves.size(), rows, {&rows, 1});
  }
  return last_head_name_;
}

uint32_t PartFinder::SharedPartOf(std::span<const RowRange> pieces) {
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
  Names& earlier = halves_[middle].earlier;
  while (earlier.size() < count) {
    const auto leaf = static_cast<uint32_t>(middle - earlier.size() - 1);
    earlier.push_back(earlier.empty() ? leaf : Joined(leaf, earlier.back()));
  }
  return earlier[count - 1];
}

uint32_t PartFinder::LeavesFrom(size_t middle, size_t count) {
  Names& later = halves_[middle].later;
  while (later.size() < count) {
    const auto leaf = static_cast<uint32_t>(middle + later.size());
    later.push_back(later.empty() ? leaf : Joined(later.back(), leaf));
  }
  return later[count - 1];
}

uint32_t PartFinder::PartOfLeaf(size_t leaf, std::span<const RowRange> pieces) {
  const RowRange rows = layout_.leaves[leaf];
  if (pieces.size() == 1 && Common(pieces[0], rows) == rows) return static_cast<uint32_t>(leaf);
  return EndOf(leaf, rows, pieces);
}

uint32_t PartFinder::EndOf(size_t leaf, RowRange rows, std::span<const RowRange> pieces) {
  const size_t first = layout_.ranges.size();
  for (const RowRange& piece : pieces) layout_.ranges.push_back(Common(piece, rows));
  ends_.push_back({.leaf = leaf, .ranges = {first, layout_.ranges.size()}});
  return static_cast<uint32_t>(layout_.leaves.size() + ends_.size() - 1);
}

uint32_t PartFinder::Joined(uint32_t earlier, uint32_t later) {
  if (earlier == kNoPart) return later;
  if (later == kNoPart) return earlier;
  layout_.joins.push_back({earlier, later});
  return kJoin | static_cast<uint32_t>(layout_.joins.size() - 1);
}

void PartFinder::Finish() {
  const size_t leaves = layout_.leaves.size();
  numbers_.resize(leaves + ends_.size());
  std::vector<size_t> ends(ends_.size());
  std::iota(ends.begin(), ends.end(), 0);
  std::stable_sort(ends.begin(), ends.end(),
                   [this](size_t a, size_t b) { return ends_[a].leaf < ends_[b].leaf; });
  const auto heads = std::partition_point(ends.begin(), ends.end(),
                                          [&](size_t end) { return ends_[end].leaf < leaves; });
  // Ranges stay where they are from here on.
  layout_.ranges.reserve(layout_.ranges.size() + leaves);
  layout_.parts.reserve(leaves + ends.size());
  AddChunksOfLeaves({ends.begin(), heads});
  AddChunksOfHeads({heads, ends.end()});
  const auto number = [this](uint32_t name) {
    const bool is_join = (name & kJoin) != 0;
    return is_join ? static_cast<uint32_t>(layout_.parts.size()) + (name & ~kJoin) : numbers_[name];
  };
  for (PartJoin& join : layout_.joins) join = {number(join.left), number(join.right)};
  for (std::vector<uint32_t>& parts : layout_.buckets) {
    std::transform(parts.begin(), parts.end(), parts.begin(), number);
  }
}

void PartFinder::AddChunksOfLeaves(std::span<const size_t> ends) {
  const TimeLeaves& leaves = layout_.leaves;
  // No more is computed to be looked back to than to be folded.
  const size_t least_rows = std::max(kChunkRows, look_back_);
  const size_t most_chunks = leaves[leaves.size() - 1].end / least_rows + 1;
  layout_.chunks.reserve(most_chunks);
  layout_.stretches.reserve(most_chunks);
  auto end = ends.begin();
  for (size_t leaf = 0; leaf < leaves.size();) {
    RowRange rows = {leaves[leaf].begin, leaves[leaf].begin};
    SharedLayout::Chunk chunk = StartChunk(rows.begin - std::min(look_back_, rows.begin));
    for (; leaf < leaves.size() && rows.rows() < least_rows; ++leaf) {
      rows.end = leaves[leaf].end;
      const size_t range = layout_.ranges.size();
      layout_.ranges.push_back(leaves[leaf]);
      AddPart(leaf, {range, range + 1});
      for (; end != ends.end() && ends_[*end].leaf == leaf; ++end) {
        AddPart(leaves.size() + *end, ends_[*end].ranges);
      }
    }
    chunk.rows = rows.end - chunk.first_row;
    layout_.stretches.push_back({chunk.first_row, rows.end});
    AddChunk(chunk);
  }
}

// Each is a stretch of its chunk's vectors, at a place of its own.
void PartFinder::AddChunksOfHeads(std::span<const size_t> heads) {
  for (auto head = heads.begin(); head != heads.end();) {
    SharedLayout::Chunk chunk = StartChunk(0);
    for (; head != heads.end() && chunk.rows < kChunkRows; ++head) {
      RowRange& rows = layout_.ranges[ends_[*head].ranges.begin];
      layout_.stretches.push_back(rows);
      rows = {chunk.rows, chunk.rows + rows.rows()};
      chunk.rows = rows.end;
      AddPart(layout_.leaves.size() + *head, ends_[*head].ranges);
    }
    AddChunk(chunk);
  }
}

SharedLayout::Chunk PartFinder::StartChunk(size_t first_row) const {
  SharedLayout::Chunk chunk = {.first_row = first_row};
  chunk.stretches.begin = layout_.stretches.size();
  chunk.parts.begin = layout_.parts.size();
  return chunk;
}

void PartFinder::AddChunk(SharedLayout::Chunk chunk) {
  chunk.stretches.end = layout_.stretches.size();
  chunk.parts.end = layout_.parts.size();
  layout_.chunks.push_back(chunk);
}

void PartFinder::AddPart(size_t name, RowRange ranges) {
  numbers_[name] = static_cast<uint32_t>(layout_.parts.size());
  layout_.parts.push_back(std::span(layout_.ranges).subspan(ranges.begin, ranges.rows()));
}

}  // namespace metricstore::compute::vector
