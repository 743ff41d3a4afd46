#include "compute_service/engine/vector/kernels/ranks/sliding_ranks.h"

#include <algorithm>
#include <bit>

namespace metricstore::compute::vector {
namespace {

// Ranks that are added up together.
constexpr int kStrideBits = 4;
constexpr size_t kStride = size_t{1} << kStrideBits;

}  // namespace

RangeChange ChangeOf(RowRange from, RowRange to) {
  if (to.begin >= from.end || to.end <= from.begin) {
    return {.removed = {from}, .added = {to}, .keeps_none = true};
  }
  RangeChange change;
  if (to.begin < from.begin) change.added[0] = {to.begin, from.begin};
  if (to.begin > from.begin) change.removed[0] = {from.begin, to.begin};
  if (to.end > from.end) change.added[1] = {from.end, to.end};
  if (to.end < from.end) change.removed[1] = {to.end, from.end};
  return change;
}

void SlidingRanks::Start(const ValueRanks& ranks, Question question) {
  ranks_ = &ranks;
  question_ = question;
  block_ = 0;
  // About as many blocks as ranks in a block.
  block_bits_ = std::max(kStrideBits, static_cast<int>(std::bit_width(ranks.count) + 1) / 2);
  const size_t blocks = (ranks.count >> block_bits_) + 1;
  // Without rows all counts are zero.
  counts_.resize(std::max(counts_.size(), blocks << block_bits_));
  block_counts_.resize(std::max(block_counts_.size(), blocks));
}

void SlidingRanks::Add(RowRange rows) {
  if (question_ == Question::kSelect) {
    CountBlocks<true>(rows);
  } else {
    CountDistinct<true>(rows);
  }
}

void SlidingRanks::Remove(RowRange rows) {
  if (question_ == Question::kSelect) {
    CountBlocks<false>(rows);
  } else {
    CountDistinct<false>(rows);
  }
}

// A zero is sooner written than a count is read and made less.
void SlidingRanks::Clear(std::span<const RowRange> pieces) {
  for (const RowRange& rows : pieces) {
    for (size_t row = rows.begin; row < rows.end; ++row) {
      const uint32_t rank = ranks_->of_row[row];
      if (rank == ValueRanks::kNull) continue;
      counts_[rank] = 0;
      block_counts_[rank >> block_bits_] = 0;
    }
  }
  size_ = 0;
  distinct_ = 0;
  before_ = 0;
}

template <bool kAdds>
void SlidingRanks::CountDistinct(RowRange rows) {
  const uint32_t* const ranks = ranks_->of_row.data();
  uint32_t* const counts = counts_.data();
  size_t counted = 0;
  size_t changed = 0;
  for (size_t row = rows.begin; row < rows.end; ++row) {
    const uint32_t rank = ranks[row];
    if (rank == ValueRanks::kNull) continue;
    const uint32_t count = kAdds ? counts[rank]++ : --counts[rank];
    changed += count == 0 ? 1 : 0;
    ++counted;
  }
  size_ += kAdds ? counted : -counted;
  distinct_ += kAdds ? changed : -changed;
}

template <bool kAdds>
void SlidingRanks::CountBlocks(RowRange rows) {
  const uint32_t* const ranks = ranks_->of_row.data();
  uint32_t* const counts = counts_.data();
  uint32_t* const block_counts = block_counts_.data();
  constexpr uint32_t kStep = kAdds ? 1 : UINT32_MAX;
  const int block_bits = block_bits_;
  const size_t block = block_;
  size_t counted = 0;
  size_t before = 0;
  for (size_t row = rows.begin; row < rows.end; ++row) {
    const uint32_t rank = ranks[row];
    if (rank == ValueRanks::kNull) continue;
    counts[rank] += kStep;
    const uint32_t of = rank >> block_bits;
    block_counts[of] += kStep;
    before += of < block ? 1 : 0;
    ++counted;
  }
  size_ += kAdds ? counted : -counted;
  before_ += kAdds ? before : -before;
}

uint32_t SlidingRanks::Select(size_t k) {
  while (k < before_) before_ -= block_counts_[--block_];
  while (k - before_ >= block_counts_[block_]) before_ += block_counts_[block_++];
  auto left = static_cast<uint32_t>(k - before_);
  const uint32_t* at = counts_.data() + (block_ << block_bits_);
  for (;; at += kStride) {
    uint32_t sum = 0;
    for (size_t i = 0; i < kStride; ++i) sum += at[i];
    if (left < sum) break;
    left -= sum;
  }
  while (left >= *at) left -= *at++;
  selected_ = static_cast<uint32_t>(at - counts_.data());
  equal_before_ = left;
  return selected_;
}

uint32_t SlidingRanks::SelectBefore() const {
  if (equal_before_ > 0) return selected_;
  const uint32_t* at = counts_.data() + selected_;
  while ((at - counts_.data()) % kStride != 0) {
    if (*--at != 0) return static_cast<uint32_t>(at - counts_.data());
  }
  for (uint32_t sum = 0; sum == 0;) {
    at -= kStride;
    for (size_t i = 0; i < kStride; ++i) sum += at[i];
  }
  at += kStride;
  while (*--at == 0) {
  }
  return static_cast<uint32_t>(at - counts_.data());
}

}  // namespace metricstore::compute::vector
