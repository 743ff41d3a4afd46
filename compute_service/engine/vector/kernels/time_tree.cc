#include "compute_service/engine/vector/kernels/time_tree.h"

#include <algorithm>
#include <bit>

namespace metricstore::compute::vector {
namespace {

// What the times of a leaf have in common. Keeps the order; times before the epoch come first.
uint64_t LeafKeyOf(int64_t time) {
  return (static_cast<uint64_t>(time) ^ (UINT64_C(1) << 63)) >> TimeTree::kLeafBits;
}

// The first row from `begin` on with a later key. Leaves mostly have as many rows as the one
// before: the search starts there and grows in both directions.
size_t EndOfLeaf(std::span<const int64_t> times, size_t begin, size_t expected_rows) {
  const uint64_t key = LeafKeyOf(times[begin]);
  const auto is_inside = [&](size_t row) { return LeafKeyOf(times[row]) == key; };
  size_t inside = begin;
  size_t outside = times.size();
  for (size_t step = expected_rows; step > 0 && step < outside - begin; step *= 2) {
    if (!is_inside(begin + step)) {
      outside = begin + step;
      break;
    }
    inside = begin + step;
  }
  for (size_t step = 1; step < outside - inside; step *= 2) {
    if (is_inside(outside - step)) {
      inside = outside - step;
      break;
    }
    outside -= step;
  }
  while (outside - inside > 1) {
    const size_t middle = inside + (outside - inside) / 2;
    (is_inside(middle) ? inside : outside) = middle;
  }
  return outside;
}

}  // namespace

TimeTree::TimeTree(std::span<const int64_t> times) {
  std::vector<Leaf> leaves;
  for (size_t row = 0, rows = 1; row < times.size();) {
    const size_t end = EndOfLeaf(times, row, rows);
    leaves.push_back({LeafKeyOf(times[row]), row});
    rows = end - row;
    row = end;
  }
  leaves.push_back({0, times.size()});
  nodes_.reserve(2 * leaves.size());
  std::vector<RowRange> ranges = {{0, leaves.size() - 1}};  // of leaves, for each node
  ranges.reserve(2 * leaves.size());
  nodes_.push_back({.rows = {0, times.size()}});
  for (uint32_t node = kRoot; node < nodes_.size(); ++node) Divide(node, leaves, &ranges);
}

// At the first leaf that has the highest bit in which the first and the last one differ.
void TimeTree::Divide(uint32_t node, std::span<const Leaf> leaves, std::vector<RowRange>* ranges) {
  const RowRange range = (*ranges)[node];
  if (range.rows() == 1) return;
  const uint64_t last = leaves[range.end - 1].key;
  const uint64_t middle = last & ~(std::bit_floor(leaves[range.begin].key ^ last) - 1);
  const auto found = std::partition_point(leaves.begin() + static_cast<ptrdiff_t>(range.begin),
                                          leaves.begin() + static_cast<ptrdiff_t>(range.end),
                                          [middle](const Leaf& leaf) { return leaf.key < middle; });
  const auto half = static_cast<size_t>(found - leaves.begin());
  nodes_[node].left = static_cast<uint32_t>(nodes_.size());
  nodes_[node].right = nodes_[node].left + 1;
  for (const RowRange part : {RowRange{range.begin, half}, RowRange{half, range.end}}) {
    ranges->push_back(part);
    nodes_.push_back({.rows = {leaves[part.begin].first_row, leaves[part.end].first_row}});
  }
}

}  // namespace metricstore::compute::vector
