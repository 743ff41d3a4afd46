// Ranks of the values in a range of rows that slides: how many are distinct, which is the k-th.
#pragma once

#include <cstdint>
#include <vector>

#include "compute_service/engine/vector/kernels/loops/operand.h"
#include "compute_service/engine/vector/kernels/ranks/value_ranks.h"

namespace metricstore::compute::vector {

// What turns one range into another. Some are empty.
struct RangeChange {
  RowRange removed[2];
  RowRange added[2];
};
RangeChange ChangeOf(RowRange from, RowRange to);

// Counts how often each rank is among the present rows; other rows cost those in which the two
// differ. What is counted is exact, so the way by which rows were reached does not show.
//
// Counts are kept for ranks and for blocks of ranks. A search starts at the block of the last one:
// from range to range, what is searched for moves little. Not thread-safe; memory is that of the
// most ranks and is used again.
class SlidingRanks {
 public:
  enum class Question { kDistinct, kSelect };

  // Starts with no rows and answers one of the questions. `ranks` must stay.
  void Start(const ValueRanks& ranks, Question question);

  // Of rows that are not present, and of some that are.
  void Add(RowRange rows);
  void Remove(RowRange rows);

  size_t size() const { return size_; }          // rows that are not NULL
  size_t distinct() const { return distinct_; }  // kDistinct
  // The k-th lowest rank, counted from 0; k < size(). kSelect.
  uint32_t Select(size_t k);

 private:
  template <bool kAdds>
  void CountDistinct(RowRange rows);
  template <bool kAdds>
  void CountBlocks(RowRange rows);

  const ValueRanks* ranks_ = nullptr;
  Question question_ = Question::kDistinct;
  size_t size_ = 0;
  size_t distinct_ = 0;
  int block_bits_ = 0;
  std::vector<uint32_t> counts_;  // of each rank
  std::vector<uint32_t> block_counts_;
  size_t block_ = 0;   // of the last search
  size_t before_ = 0;  // present rows with a rank of a block before that
};

}  // namespace metricstore::compute::vector
