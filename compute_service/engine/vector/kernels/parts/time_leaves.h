// Divides rows by the bits of their times, so that buckets that share rows share partial results.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "compute_service/engine/vector/kernels/loops/operand.h"

namespace metricstore::compute::vector {

// How the rows of a bucket are folded is fixed by these rows alone. Rows whose times differ in the
// lowest kLeafBits bits only, a leaf, are folded directly. A bucket of several leaves is divided
// once, at the middle: where the highest bit changes in which its first and last time differ. From
// there leaves are joined one by one, back to the bucket's first and forward to its last, and the
// two halves with each other. So the same rows give the same bits, whatever lies beside them and
// wherever a shard is cut.
//
// Buckets of one middle share their halves: each is a sum, or an extreme, of the leaves so far, and
// the next bucket needs a leaf more or a leaf less of it. This is a queue of two stacks, for all
// that can be joined; nothing is subtracted. A window of n leaves that moves a leaf at a time costs
// at most four joins a step in the mean, however large n is: one leaf of 2^(k+1) is a middle that
// divides blocks of 2^k leaves, only where n <= 2^(k+1), and its halves have min(n, 2^k) leaves at
// most.
//
// Immutable once built.
class TimeLeaves {
 public:
  // Four hours and 46 minutes: 286 minute bars are folded in a tenth of a microsecond, and a
  // session has two or three leaves to join.
  static constexpr int kLeafBits = 34;

  TimeLeaves() = default;
  // Of ascending microseconds, at least one.
  explicit TimeLeaves(std::span<const int64_t> times);

  size_t size() const { return keys_.size(); }
  RowRange operator[](size_t leaf) const { return {first_rows_[leaf], first_rows_[leaf + 1]}; }
  // The leaf of a row. Found at once where it is `guess` or one of the next ones.
  size_t LeafOf(size_t row, size_t guess) const;
  // The first leaf of the later half of a bucket whose first and last row are in these leaves,
  // `first` < `last`. Found at once where it is `guess`.
  size_t MiddleOf(size_t first, size_t last, size_t guess) const;

 private:
  std::vector<uint64_t> keys_;      // what the times of each leaf have in common, ascending
  std::vector<size_t> first_rows_;  // of each leaf, and the number of all rows
};

}  // namespace metricstore::compute::vector
