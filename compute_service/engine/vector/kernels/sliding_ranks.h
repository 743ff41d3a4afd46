// Ranks of the values in a range of rows that slides: how many are distinct, which is the k-th.
#pragma once

#include <cstdint>
#include <vector>

#include "compute_service/engine/vector/kernels/operand.h"
#include "compute_service/engine/vector/kernels/value_ranks.h"

namespace metricstore::compute::vector {

// Counts how often each rank is in the present range; the next range costs the rows in which the
// two differ. What is counted is exact, so the way by which a range was reached does not show.
// Counts are kept for ranks, for blocks of ranks and for blocks of those: a row costs three
// additions, and a search reads at most a block of each kind.
class SlidingRanks {
 public:
  // Starts with no rows. `ranks` must outlive it.
  explicit SlidingRanks(const ValueRanks& ranks);

  void MoveTo(RowRange rows);

  size_t size() const { return size_; }  // rows that are not NULL
  int64_t distinct() const { return distinct_; }
  // The k-th lowest rank, counted from 0; k < size().
  uint32_t Select(size_t k) const;

 private:
  static constexpr int kBlockBits = 8;
  void Add(RowRange rows);
  void Remove(RowRange rows);

  const ValueRanks& ranks_;
  RowRange rows_;
  size_t size_ = 0;
  int64_t distinct_ = 0;
  std::vector<uint32_t> counts_;  // of each rank
  std::vector<uint32_t> block_counts_;
  std::vector<uint32_t> region_counts_;  // of blocks of blocks
};

}  // namespace metricstore::compute::vector
