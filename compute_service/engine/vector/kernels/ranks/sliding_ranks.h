// Ranks of the values in a range of rows that slides: how many are distinct, which is the k-th.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "compute_service/engine/vector/kernels/loops/operand.h"
#include "compute_service/engine/vector/kernels/ranks/value_ranks.h"

namespace metricstore::compute::vector {

// What turns one range into another. Some are empty.
struct RangeChange {
  RowRange removed[2];
  RowRange added[2];
  bool keeps_none = false;  // whether the first of `removed` is all that there was
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

  // Answers one of the questions from now on. No rows may be present. `ranks` must stay.
  void Start(const ValueRanks& ranks, Question question);

  // Of rows that are not present, of some that are, and of all that are.
  void Add(RowRange rows);
  void Remove(RowRange rows);
  void Clear(std::span<const RowRange> pieces);

  size_t size() const { return size_; }          // rows that are not NULL
  size_t distinct() const { return distinct_; }  // kDistinct
  // The k-th lowest rank, counted from 0; k < size(). kSelect.
  uint32_t Select(size_t k);
  // The rank before it, of the k-1-th: k > 0 was selected last.
  uint32_t SelectBefore() const;

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
  // Of the last search: what was found, and how many rows of that rank come before the k-th.
  uint32_t selected_ = 0;
  uint32_t equal_before_ = 0;
};

}  // namespace metricstore::compute::vector
