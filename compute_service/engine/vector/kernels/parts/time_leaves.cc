#include "compute_service/engine/vector/kernels/parts/time_leaves.h"

#include <algorithm>
#include <bit>

namespace metricstore::compute::vector {
namespace {

// What the times of a leaf have in common. Keeps the order; times before the epoch come first.
uint64_t LeafKeyOf(int64_t time) {
  return (static_cast<uint64_t>(time) ^ (UINT64_C(1) << 63)) >> TimeLeaves::kLeafBits;
}

// How many rows the leaf of the row has from there on if they follow each other as the first two
// do.
size_t RowsAtSteps(std::span<const int64_t> times, size_t begin) {
  if (begin + 1 == times.size() || times[begin + 1] == times[begin]) return 1;
  constexpr uint64_t kTimesOfLeaf = UINT64_C(1) << TimeLeaves::kLeafBits;
  const uint64_t left = kTimesOfLeaf - static_cast<uint64_t>(times[begin]) % kTimesOfLeaf;
  const uint64_t step =
      static_cast<uint64_t>(times[begin + 1]) - static_cast<uint64_t>(times[begin]);
  return (left - 1) / step + 1;
}

// The first row from `begin` on with a later key. The search starts where rows at equal steps end,
// and grows in both directions.
size_t EndOfLeaf(std::span<const int64_t> times, size_t begin) {
  const uint64_t key = LeafKeyOf(times[begin]);
  const size_t expected_rows = RowsAtSteps(times, begin);
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

TimeLeaves::TimeLeaves(std::span<const int64_t> times) {
  for (size_t row = 0; row < times.size(); row = EndOfLeaf(times, row)) {
    keys_.push_back(LeafKeyOf(times[row]));
    first_rows_.push_back(row);
  }
  first_rows_.push_back(times.size());
}

size_t TimeLeaves::LeafOf(size_t row, size_t guess) const {
  // From one session to the next are two or three leaves.
  constexpr size_t kNear = 4;
  for (size_t leaf = guess; leaf < std::min(guess + kNear, size()); ++leaf) {
    if (first_rows_[leaf] <= row && row < first_rows_[leaf + 1]) return leaf;
  }
  const auto after = std::upper_bound(first_rows_.begin(), first_rows_.end(), row);
  return static_cast<size_t>(after - first_rows_.begin()) - 1;
}

size_t TimeLeaves::MiddleOf(size_t first, size_t last, size_t guess) const {
  const uint64_t key = keys_[last] & ~(std::bit_floor(keys_[first] ^ keys_[last]) - 1);
  const auto is_middle = [&](size_t leaf) { return keys_[leaf - 1] < key && key <= keys_[leaf]; };
  if (first < guess && guess <= last && is_middle(guess)) return guess;
  const auto from = keys_.begin() + static_cast<ptrdiff_t>(first);
  const auto to = keys_.begin() + static_cast<ptrdiff_t>(last);
  return static_cast<size_t>(std::lower_bound(from, to, key) - keys_.begin());
}

}  // namespace metricstore::compute::vector
