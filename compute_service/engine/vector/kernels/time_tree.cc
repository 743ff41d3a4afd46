#include "compute_service/engine/vector/kernels/time_tree.h"

#include <algorithm>
#include <bit>

namespace metricstore::compute::vector {
namespace {

// Keeps the order; times before the epoch come first.
uint64_t BitsOf(int64_t time) { return static_cast<uint64_t>(time) ^ (UINT64_C(1) << 63); }

// The first row that has the highest bit in which the range's first and last time differ.
size_t DivisionOf(std::span<const int64_t> times, RowRange rows) {
  const uint64_t first = BitsOf(times[rows.begin]);
  const uint64_t last = BitsOf(times[rows.end - 1]);
  const uint64_t middle = last & ~((std::bit_floor(first ^ last)) - 1);
  const auto begin = times.begin() + static_cast<ptrdiff_t>(rows.begin);
  const auto end = times.begin() + static_cast<ptrdiff_t>(rows.end);
  const auto found =
      std::partition_point(begin, end, [middle](int64_t time) { return BitsOf(time) < middle; });
  return static_cast<size_t>(found - times.begin());
}

}  // namespace

TimeTree::TimeTree(std::span<const int64_t> times) {
  nodes_.push_back({.rows = {0, times.size()}});
  for (uint32_t node = kRoot; node < nodes_.size(); ++node) Divide(node, times);
}

void TimeTree::Divide(uint32_t node, std::span<const int64_t> times) {
  const RowRange rows = nodes_[node].rows;
  if (((BitsOf(times[rows.begin]) ^ BitsOf(times[rows.end - 1])) >> kLeafBits) == 0) return;
  const size_t middle = DivisionOf(times, rows);
  nodes_[node].left = static_cast<uint32_t>(nodes_.size());
  nodes_[node].right = nodes_[node].left + 1;
  nodes_.push_back({.rows = {rows.begin, middle}});
  nodes_.push_back({.rows = {middle, rows.end}});
}

}  // namespace metricstore::compute::vector
